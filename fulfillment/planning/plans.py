"""What planning answers: the plan taken, the plans turned down, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from fulfillment.planning.terms import Lane

Term = Literal["freight", "duty", "entry", "lines", "scarcity", "split", "late"]
Terms = Mapping[Term, Decimal]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box as packed; `cost` is its freight by the lane's prices, in EUR."""

    lane: Lane
    contents: Mapping[int, int]
    weight_grams: int
    chargeable_grams: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """Parcels and the model's cost, which is the sum of its `terms`, in EUR.

    `cost` decides between plans. What carriers ask for the boxes as packed is `freight`: it
    differs where the boxes cannot be filled as evenly as the model supposes.
    """

    parcels: tuple[Parcel, ...]
    cost: Decimal
    terms: Terms

    @property
    def freight(self) -> Decimal:
        return sum((parcel.cost for parcel in self.parcels), Decimal(0))

    @property
    def warehouses(self) -> tuple[str, ...]:
        return tuple(sorted({parcel.lane.warehouse for parcel in self.parcels}))

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(sorted({parcel.lane.service for parcel in self.parcels}))

    @property
    def late_days(self) -> int:
        return max((parcel.lane.late_days for parcel in self.parcels), default=0)

    def units(self) -> dict[tuple[str, int], int]:
        """Count the units by warehouse code and variant."""
        counted: dict[tuple[str, int], int] = {}
        for parcel in self.parcels:
            for variant, units in parcel.contents.items():
                key = (parcel.lane.warehouse, variant)
                counted[key] = counted.get(key, 0) + units
        return counted


Reason = Literal[
    "costs_more", "late", "more_parcels", "more_warehouses", "later_code",
    "stock_short", "too_heavy", "barred", "hazard", "carrier_down", "no_capacity", "too_many",
    "unfinished",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RejectedPlan:
    """A plan turned down. Without cost and parcels it was none: the lane alone cannot.

    late: it would cost no more, were it not late. too_many: more parcels than the policy allows.
    """

    warehouses: tuple[str, ...]
    services: tuple[str, ...]
    cost: Decimal | None
    parcels: int | None
    reason: Reason
    terms: Terms | None = None
    late_days: int = 0


@dataclass(frozen=True, slots=True)
class Routing:
    """`exact` is False where the search met its limit: then the plan is the best it saw."""

    plan: Plan
    rejected: tuple[RejectedPlan, ...]
    exact: bool
