"""What a plan is made from: lines, lanes, what is left, and what weighs in. Amounts in EUR."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Stock = Mapping[str, Mapping[int, int]]  # Units by warehouse code and variant.


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one variant that are to be sent; weight and volume are of each."""

    variant_id: int
    quantity: int
    weight_grams: int
    volume_cm3: int = 0
    hazards: frozenset[str] = frozenset()
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A carrier service from one warehouse to the order's country.

    Costs hold the fuel surcharge already. With `brackets`, (up to grams, cost of the parcel) from
    light to heavy, these alone are a parcel's freight; else it is the base and the kilograms.
    `per_unit` and `per_line` are what we bear for a unit, or for a line at all, of a variant on
    this lane (duty, tax, picking); `per_entry` is due once if the lane is used (clearance).
    `late_days` counts the days after the promise, 0 keeps it; `barred` variants may not go here.
    """

    warehouse: str
    service: str
    base_cost: Decimal
    cost_per_kg: Decimal
    max_weight_grams: int
    carrier: str = ""
    brackets: tuple[tuple[int, Decimal], ...] = ()
    volumetric_divisor: int | None = None
    late_days: int = 0
    arrives: date | None = None
    refused_hazards: frozenset[str] = frozenset()
    barred: frozenset[int] = frozenset()
    # Left out of hashes, as mappings have none; equal lanes still hash the same.
    per_unit: Mapping[int, Decimal] = field(default_factory=dict, hash=False)
    per_line: Mapping[int, Decimal] = field(default_factory=dict, hash=False)
    per_entry: Decimal = Decimal(0)
    is_down: bool = False
    co2_grams_per_kg: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.warehouse, self.service)

    def chargeable_grams(self, line: Line) -> int:
        """Give what a unit is charged by: its weight, or its volume's if that is more."""
        if not self.volumetric_divisor:
            return line.weight_grams
        return max(line.weight_grams, -(-line.volume_cm3 * 1000 // self.volumetric_divisor))


@dataclass(frozen=True, slots=True)
class Network:
    """The lanes of one order; `capacity` is how many parcels a warehouse can still send."""

    lanes: tuple[Lane, ...]
    capacity: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """What weighs in beside freight, duty and tax.

    `line_cost` is for each line picked in a warehouse; `split_penalty` for each parcel after the
    first; `late_penalty` for each day late and parcel; `scarcity` is what the last unit of a
    warehouse is worth to later orders: a unit of n costs an n-th of it. A search that has looked
    at `search_limit` nodes hands over to a solver, which has `solver_seconds`; 0 is no solver.
    """

    line_cost: Decimal = Decimal(0)
    split_penalty: Decimal = Decimal(0)
    late_penalty: Decimal = Decimal(100)
    scarcity: Decimal = Decimal(0)
    max_parcels: int | None = None
    search_limit: int = 3_000
    solver_seconds: float = 30
