"""What every answer about tax is made of: rates in force, and sums that balance. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

STANDARD = "standard"

_Key = tuple[str, str, str]  # country, region, category


class NoTaxRate(LookupError):
    """No rule covers a category in a place; one of 0 % says that nothing is taken there."""

    def __init__(self, country: str, category: str, region: str = "") -> None:
        place = f"{country}-{region}" if region else country
        super().__init__(f"no tax rate for {category!r} in {place}")
        self.country = country
        self.category = category
        self.region = region


class NoDutyRate(NoTaxRate):
    """Duty may be due that no row has a rate for, and the market does not sell on such terms."""

    def __init__(self, country: str) -> None:
        LookupError.__init__(self, f"no duty rate for goods to {country}")
        self.country, self.category, self.region = country, "", ""


class ConflictingTaxRules(ValueError):
    """Two rules were passed for the same country, region and category."""


class UnbalancedTax(ValueError):
    """Net and tax that do not add up to gross."""


@dataclass(frozen=True)
class TaxRule:
    """A rate in force: `percent` of net for a category; region "" is the whole country."""

    id: int
    country: str
    region: str
    category: str
    percent: Decimal
    name: str


@dataclass(frozen=True)
class Balanced:
    """Net and tax that add up to gross; anything else is refused with UnbalancedTax."""

    net: Decimal
    tax: Decimal
    gross: Decimal

    def __post_init__(self) -> None:
        if self.net + self.tax != self.gross:
            raise UnbalancedTax(f"{self.net} + {self.tax} is not {self.gross}")


@dataclass(frozen=True)
class RateTotal(Balanced):
    """What an invoice states for one rate."""

    percent: Decimal


def find_rule(
    category: str, *, rules: Collection[TaxRule], country: str, region: str
) -> TaxRule | None:
    """Return the rule for a category in a place, or None.

    A region with rules of its own is a regime of its own: its row for the category or else for
    "standard" wins over any row of the whole country. Only then the country's row for the
    category, then its standard one.
    """
    return _lookup(category, table=_by_place_and_category(rules), country=country, region=region)


def _by_place_and_category(rules: Collection[TaxRule]) -> dict[_Key, TaxRule]:
    table: dict[_Key, TaxRule] = {}
    for rule in rules:
        key = (rule.country, rule.region, rule.category)
        if key in table:
            raise ConflictingTaxRules(f"rules {table[key].id} and {rule.id} are both for {key}")
        if not rule.percent.is_finite() or rule.percent < 0:
            raise ValueError(f"rule {rule.id}: {rule.percent} is no percentage")
        table[key] = rule
    return table


def _lookup(
    category: str, *, table: dict[_Key, TaxRule], country: str, region: str
) -> TaxRule | None:
    for place in dict.fromkeys((region, "")):
        for wanted in (category, STANDARD):
            if rule := table.get((country, place, wanted)):
                return rule
    return None
