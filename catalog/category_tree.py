"""Categories in the order of their tree."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from catalog.models import Category


def walk(categories: Sequence[Category]) -> Iterator[tuple[Category, int]]:
    """Give each category with its depth, parents before children, siblings in the given order.

    What does not hang on a root (its parent is not among the given ones) is left out.
    """
    children: dict[int | None, list[Category]] = defaultdict(list)
    for category in categories:
        children[category.parent_id].append(category)

    waiting = [(category, 0) for category in reversed(children[None])]
    while waiting:
        category, depth = waiting.pop()
        yield category, depth
        waiting += [(child, depth + 1) for child in reversed(children[category.pk])]
