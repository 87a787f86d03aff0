"""What a lane costs for a load, without a database. Amounts are EUR."""

from dataclasses import dataclass
from decimal import Decimal

_KILO = Decimal("0.001")
_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a service asks for parcels on a lane.

    With brackets, pairs of the weight up to which and the cost, the first that holds a parcel
    says what it costs; without them `base` and `per_kg` do. Both grow by the fuel surcharge.
    """

    base: Decimal
    per_kg: Decimal
    max_grams: int
    brackets: tuple[tuple[int, Decimal], ...] = ()
    fuel_percent: Decimal = Decimal(0)
    divisor: int | None = None
    co2_grams_per_kg: int | None = None

    @property
    def limit(self) -> int:
        """The heaviest parcel, in grams."""
        return min(self.max_grams, self.brackets[-1][0]) if self.brackets else self.max_grams

    def chargeable_grams(self, grams: int, *, cm3: int = 0) -> int:
        """Give the weight that is charged: the real one, or that of the volume if it is more."""
        return max(grams, -(-cm3 * 1000 // self.divisor)) if self.divisor else grams

    def cost(self, grams: int, *, cm3: int = 0) -> Decimal:
        """Give the cost of a load: as many full parcels as it takes, and one with the rest."""
        charged, limit = self.chargeable_grams(grams, cm3=cm3), max(self.limit, 1)
        full, rest = divmod(charged, limit)
        cost = full * self._parcel(limit)
        if rest or not full:
            cost += self._parcel(rest)
        return cost * (1 + self.fuel_percent * _PERCENT)

    def co2_grams(self, grams: int) -> int | None:
        """Estimate the carbon dioxide of a load, door to door, in grams; None if unknown."""
        if self.co2_grams_per_kg is None:
            return None
        return round(self.co2_grams_per_kg * grams * _KILO)

    def _parcel(self, grams: int) -> Decimal:
        for up_to, cost in self.brackets:
            if grams <= up_to:
                return cost
        return self.base + self.per_kg * grams * _KILO
