"""Weight priced by the gram: straight lines that lie below a lane's steps.

What a load costs goes up in steps, and the search wants to price each line's units by
themselves. So a lane's steps are replaced by `a + s * grams`, never more than the step.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from fulfillment.planning.model import Step


def charge(steps: Sequence[Step], price: int) -> Sequence[Step]:
    """Add a price for each parcel."""
    if not price:
        return steps
    return [replace(step, value=step.value + price * step.parcels) for step in steps]


def intercept(steps: Sequence[Step], slope: int, *, heaviest: int) -> int:
    """Give the greatest `a` for which the line with this slope lies below all steps.

    A load weighs no more than the last step holds, nor than `heaviest`.
    """
    return min(step.value - slope * min(step.grams, heaviest) for step in steps)


def slope_at(steps: Sequence[Step], grams: int, *, heaviest: int) -> int:
    """Give the slope of the line below all steps that is highest at a weight."""
    hull: list[tuple[int, int]] = []
    for step in steps:
        point = (min(step.grams, heaviest), step.value)
        while len(hull) > 1 and _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    for (left, low), (right, high) in itertools.pairwise(hull):
        if grams <= right and grams > left and right > left:
            return max(0, (high - low) // (right - left))
    return 0


def _turns_right(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) >= (c[1] - a[1]) * (b[0] - a[0])
