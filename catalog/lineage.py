"""The categories that a good is in, from its own up to the topmost."""

from catalog.models import Category
from catalog.reference import Reference, keep, reference

keep(Category, "id", "parent_id")


def list_lineage(category_id: int | None) -> frozenset[int]:
    """Give the ids of a category and of all above it, shown or not; of none there is none."""
    if category_id is None:
        return frozenset()
    parents = reference().derive(_parents)
    line: list[int] = []
    above: int | None = category_id
    # An update may have made a circle.
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    return frozenset(line)


def _parents(read: Reference) -> dict[int, int | None]:
    return {category.pk: category.parent_id for category in read.rows(Category)}


def list_below(category_id: int) -> frozenset[int]:
    """Give the ids of a category and of all below it, shown or not."""
    return reference().derive(_below, category_id)


def _below(read: Reference, category_id: int) -> frozenset[int]:
    children: dict[int | None, list[int]] = {}
    for category in read.rows(Category):
        children.setdefault(category.parent_id, []).append(category.pk)
    found: set[int] = set()
    waiting = [category_id]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += children.get(here, [])
    return frozenset(found)
