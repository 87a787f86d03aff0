from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeBoundary
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db.models import Func, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


def never_overlaps(
    name: str,
    *,
    of: type[Func] = TsTzRange,
    per: tuple[str | Combinable, ...],
    condition: Q | None = None,
) -> ExclusionConstraint:
    """Build the constraint that dated rows of the same `per` fields never overlap.

    With a condition only the rows that fulfil it count. Rows are in force from
    `valid_from` (inside) to `valid_to` (outside; null is open).
    """
    return ExclusionConstraint(
        name=name,
        expressions=[
            # The range comes last: most rows overlap most others, so it finds little.
            *((field, RangeOperators.EQUAL) for field in per),
            (of("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
        ],
        condition=condition,
        violation_error_message=_("Another row is in force for a part of this time."),
    )


def in_force(moment: object) -> Q:
    """Filter dated rows down to those in force at a moment, or on a day."""
    return Q(valid_from__lte=moment) & (Q(valid_to__isnull=True) | Q(valid_to__gt=moment))
