"""Tax on the lines of a basket: pure, exact, and balanced to the minor unit.

The caller chooses the rules in force on the day and passes them in; shipping is a line like any
other, and an order's tax, an invoice's and a report's are the same call.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from markets.money import from_minor, quantise, round_shares, to_minor

STANDARD = "standard"

Rounding = Literal["line", "rate_group"]

_Key = tuple[str, str, str]  # country, region, category


class NoTaxRate(LookupError):
    """No rule covers a category in a place that is not known to be untaxed."""

    def __init__(self, country: str, category: str, region: str = "") -> None:
        place = f"{country}-{region}" if region else country
        super().__init__(f"no tax rate for {category!r} in {place}")
        self.country = country
        self.category = category
        self.region = region


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
class Taxable:
    """A line to tax: `quantity` times `amount`, which includes tax if the prices do.

    After a discount was shared out, pass the line's amount with quantity 1: a unit price may
    then have no exact value.
    """

    key: str
    amount: Decimal
    category: str
    quantity: int = 1


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
class TaxedLine(Balanced):
    """A line with its tax; `rule` is None where the place is untaxed."""

    key: str
    rule: TaxRule | None

    @property
    def rule_id(self) -> int | None:
        return self.rule.id if self.rule else None

    @property
    def percent(self) -> Decimal:
        return self.rule.percent if self.rule else Decimal(0)


@dataclass(frozen=True)
class RateTotal(Balanced):
    """What an invoice states for one rate."""

    percent: Decimal


@dataclass(frozen=True)
class TaxResult(Balanced):
    """The lines in the order given, the sums for each rate (highest first), and the totals."""

    lines: tuple[TaxedLine, ...]
    rates: tuple[RateTotal, ...]


@dataclass(frozen=True)
class _Ruled:
    """A line with its rule found, before any rounding."""

    line: Taxable
    amount: Decimal
    rule: TaxRule | None

    @property
    def percent(self) -> Decimal:
        return self.rule.percent if self.rule else Decimal(0)

    def exact_tax(self, *, included: bool) -> Fraction:
        rate = Fraction(self.percent) / 100
        return Fraction(self.amount) * rate / (1 + rate if included else 1)


def assess(
    lines: Iterable[Taxable],
    *,
    rules: Collection[TaxRule],
    country: str,
    region: str,
    prices_include_tax: bool,
    currency: str,
    rounding: Rounding = "line",
    untaxed: Collection[str] = (),
) -> TaxResult:
    """Return net, tax and gross of each line, of each rate and in total, in `currency`.

    Tax rounds half up to the smallest unit: on each line, or ("rate_group", the law in Japan)
    once on the sum of each rate and from there to its lines by largest remainder. Of prices
    that include tax the gross stands and net is derived; else net stands and gross is derived.
    `untaxed` names places without such a tax, "HK" or "US-OR". Raises NoTaxRate,
    ConflictingTaxRules, and InexactAmount for an amount finer than the currency.
    """
    table = _by_place_and_category(rules)
    ruled = [
        _Ruled(
            line=line,
            amount=_line_amount(line, currency=currency),
            rule=_rule_for(
                line.category, table=table, country=country, region=region, untaxed=untaxed
            ),
        )
        for line in lines
    ]
    if rounding == "line":
        taxes = [quantise(r.exact_tax(included=prices_include_tax), currency) for r in ruled]
    elif rounding == "rate_group":
        taxes = _taxes_by_rate(ruled, included=prices_include_tax, currency=currency)
    else:
        raise ValueError(f"rounding is 'line' or 'rate_group', not {rounding!r}")
    taxed = tuple(
        _taxed(r, tax=tax, included=prices_include_tax) for r, tax in zip(ruled, taxes, strict=True)
    )
    zero = from_minor(0, currency)
    return TaxResult(
        lines=taxed,
        rates=_rate_totals(taxed, zero=zero),
        net=sum((line.net for line in taxed), zero),
        tax=sum((line.tax for line in taxed), zero),
        gross=sum((line.gross for line in taxed), zero),
    )


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


def _rule_for(
    category: str,
    *,
    table: dict[_Key, TaxRule],
    country: str,
    region: str,
    untaxed: Collection[str],
) -> TaxRule | None:
    rule = _lookup(category, table=table, country=country, region=region)
    if rule is None and country not in untaxed and f"{country}-{region}" not in untaxed:
        raise NoTaxRate(country, category, region)
    return rule


def _line_amount(line: Taxable, *, currency: str) -> Decimal:
    return from_minor(to_minor(line.amount, currency) * line.quantity, currency)


def _taxes_by_rate(ruled: Sequence[_Ruled], *, included: bool, currency: str) -> list[Decimal]:
    groups: defaultdict[Decimal, list[int]] = defaultdict(list)
    for index, line in enumerate(ruled):
        groups[line.percent].append(index)
    taxes = [from_minor(0, currency)] * len(ruled)
    for indexes in groups.values():
        exact = [ruled[index].exact_tax(included=included) for index in indexes]
        for index, tax in zip(indexes, round_shares(exact, currency), strict=True):
            taxes[index] = tax
    return taxes


def _taxed(ruled: _Ruled, *, tax: Decimal, included: bool) -> TaxedLine:
    net = ruled.amount - tax if included else ruled.amount
    return TaxedLine(key=ruled.line.key, rule=ruled.rule, net=net, tax=tax, gross=net + tax)


def _rate_totals(lines: Sequence[TaxedLine], *, zero: Decimal) -> tuple[RateTotal, ...]:
    percents = sorted({line.percent for line in lines}, reverse=True)
    return tuple(
        RateTotal(
            percent=percent,
            net=sum((line.net for line in lines if line.percent == percent), zero),
            tax=sum((line.tax for line in lines if line.percent == percent), zero),
            gross=sum((line.gross for line in lines if line.percent == percent), zero),
        )
        for percent in percents
    )
