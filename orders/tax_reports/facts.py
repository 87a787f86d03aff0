"""What reports are summed from: the lines of invoices and credit notes, one row for each tax."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from markets.money import quantise

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True)
class TaxFact:
    """One tax on one line of an invoice, or of a credit note and then negative.

    `sale_on` is the day of the supply that is invoiced or credited, `on` the day from which the
    fact counts: the same for an invoice, the day of issue for a credit note. Where a line bears
    several taxes (GST beside PST) there is a fact for each with the line's whole `net`, and
    `counts_net` is True on the first alone, so that nets still add up. Amounts are in `currency`.
    """

    order_id: int
    order: str
    document: str
    is_credit: bool
    on: date
    sale_on: date
    regime: str
    kind: str
    country: str
    region: str
    ship_from: str
    percent: Decimal
    is_standard: bool
    tax_name: str
    currency: str
    net: Decimal
    tax: Decimal
    counts_net: bool = True
    buyer_tax_id: str = ""
    buyer: str = ""

    def __post_init__(self) -> None:
        if self.on < self.sale_on:
            raise ValueError(f"{self.document} counts before what it is for was supplied")

    @property
    def own_net(self) -> Decimal:
        return self.net if self.counts_net else Decimal(0)


@dataclass(frozen=True)
class Amounts:
    """What some facts come to in one currency, to its minor unit."""

    currency: str
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def amounts_of(facts: Iterable[TaxFact]) -> tuple[Amounts, ...]:
    """Sum facts per currency, in order of its code."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for fact in facts:
        sums[fact.currency][0] += fact.own_net
        sums[fact.currency][1] += fact.tax
    return tuple(
        Amounts(code, quantise(net, code), quantise(tax, code))
        for code, (net, tax) in sorted(sums.items())
    )


def add_up(amounts: Iterable[Amounts]) -> tuple[Amounts, ...]:
    """Sum amounts per currency, in order of its code."""
    sums: dict[str, Amounts] = {}
    for one in amounts:
        known = sums.get(one.currency, Amounts(one.currency))
        sums[one.currency] = Amounts(one.currency, known.net + one.net, known.tax + one.tax)
    return tuple(sums[code] for code in sorted(sums))


def grouped(facts: Iterable[TaxFact], key: Callable[[TaxFact], _K]) -> dict[_K, list[TaxFact]]:
    groups: dict[_K, list[TaxFact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return dict(groups)


def order_count(facts: Iterable[TaxFact]) -> int:
    return len({fact.order_id for fact in facts})
