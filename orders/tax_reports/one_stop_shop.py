"""The Union one-stop-shop return of a quarter and the import one of a month: pure.

A return states its period once. What changes it after the period's last day is told in a later
return as a correction of that period, per member state and signed. It is the difference of what
the period comes to with all that is known by the later period's end and by its beginning, both
rounded as the return itself was: the first return and its corrections add up to the whole, and a
period that is refunded altogether comes to nothing, to the cent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from orders.tax_reports.conversion import Rates
from orders.tax_reports.facts import Amounts, TaxFact, amounts_of, grouped, order_count
from orders.tax_reports.periods import Period, period_of
from orders.tax_reports.terms import ReturnTerms

RatesOf = Callable[[Period], Rates]


@dataclass(frozen=True, order=True)
class RowKey:
    """What a line of the return is of: consumed in, dispatched from, taxed at."""

    consumption: str
    dispatch: str
    is_reduced: bool
    percent: Decimal

    @classmethod
    def of(cls, fact: TaxFact) -> "RowKey":
        return cls(fact.country, fact.ship_from, not fact.is_standard, fact.percent)


@dataclass(frozen=True)
class SaleRow:
    """A line of goods sold; `base` and `tax` in the return's currency, `parts` as invoiced."""

    key: RowKey
    base: Decimal
    tax: Decimal
    parts: tuple[Amounts, ...]
    orders: int


@dataclass(frozen=True)
class CorrectionRow:
    """What a return adds to, or takes off, the tax of an earlier period in a member state."""

    period: Period
    consumption: str
    base: Decimal
    tax: Decimal
    parts: tuple[Amounts, ...]
    orders: int


@dataclass(frozen=True)
class Balance:
    """What a member state is owed by one return; below zero it owes the seller."""

    consumption: str
    sales_tax: Decimal
    corrections_tax: Decimal

    @property
    def due(self) -> Decimal:
        return self.sales_tax + self.corrections_tax


@dataclass(frozen=True)
class OneStopReturn:
    """A return with its lines; `out_of_time` may not be told in it any more.

    Those corrections are agreed with the member state of consumption itself.
    """

    terms: ReturnTerms
    period: Period
    sales: tuple[SaleRow, ...]
    corrections: tuple[CorrectionRow, ...]
    out_of_time: tuple[CorrectionRow, ...]
    is_provisional: bool

    @property
    def currency(self) -> str:
        return self.terms.currency

    @property
    def due_on(self) -> date:
        return self.terms.due_on(self.period)

    @property
    def base(self) -> Decimal:
        return sum((row.base for row in self.sales), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((row.tax for row in self.sales), Decimal(0))

    @property
    def corrections_tax(self) -> Decimal:
        return sum((row.tax for row in self.corrections), Decimal(0))

    @property
    def balances(self) -> tuple[Balance, ...]:
        sales: dict[str, Decimal] = {}
        changes: dict[str, Decimal] = {}
        for sale in self.sales:
            place = sale.key.consumption
            sales[place] = sales.get(place, Decimal(0)) + sale.tax
        for change in self.corrections:
            place = change.consumption
            changes[place] = changes.get(place, Decimal(0)) + change.tax
        return tuple(
            Balance(place, sales.get(place, Decimal(0)), changes.get(place, Decimal(0)))
            for place in sorted({*sales, *changes})
        )

    @property
    def payable(self) -> Decimal:
        """What is paid with the return: states that owe the seller pay back by themselves."""
        return sum((row.due for row in self.balances if row.due > 0), Decimal(0))


def sum_return(
    facts: Iterable[TaxFact], *, period: Period, terms: ReturnTerms, rates_of: RatesOf
) -> OneStopReturn:
    """Sum the return of a period from the scheme's facts up to its end; later ones are ignored.

    For each earlier period that a credit note of this one corrects, all facts of that period
    must be among them. A period is always counted by the rates of its own last day. Raises
    ReportRateMissing.
    """
    known = [fact for fact in facts if fact.on <= period.last]
    by_period = grouped(known, lambda fact: period_of(fact.sale_on, months=terms.months))
    rates = rates_of(period)
    own = by_period.get(period, [])
    corrections = [
        row
        for earlier, rows in sorted(by_period.items())
        if earlier < period and any(fact.on in period for fact in rows)
        for row in _corrections(
            rows, of=earlier, within=period, currency=terms.currency, rates=rates_of(earlier)
        )
    ]
    in_time = [row for row in corrections if period.last < terms.correctable_until(row.period)]
    return OneStopReturn(
        terms=terms,
        period=period,
        sales=_sale_rows(own, currency=terms.currency, rates=rates),
        corrections=tuple(in_time),
        out_of_time=tuple(row for row in corrections if row not in in_time),
        is_provisional=rates.is_provisional(*{fact.currency for fact in own}),
    )


def _sale_rows(facts: list[TaxFact], *, currency: str, rates: Rates) -> tuple[SaleRow, ...]:
    rows = []
    for key, group in sorted(grouped(facts, RowKey.of).items()):
        parts = amounts_of(group)
        total = rates.total(parts, currency)
        rows.append(SaleRow(key, total.net, total.tax, parts, order_count(group)))
    return tuple(rows)


def _corrections(
    facts: list[TaxFact], *, of: Period, within: Period, currency: str, rates: Rates
) -> list[CorrectionRow]:
    """Compare what a period comes to at the end of a later one and at its beginning."""
    day_before = within.first - timedelta(days=1)
    rows = []
    for place, group in sorted(grouped(facts, lambda fact: fact.country).items()):
        changes = [fact for fact in group if fact.on in within]
        if not changes:
            continue
        now = _sale_rows(group, currency=currency, rates=rates)
        before = _sale_rows(
            [fact for fact in group if fact.on <= day_before], currency=currency, rates=rates
        )
        rows.append(
            CorrectionRow(
                period=of,
                consumption=place,
                base=_sum(row.base for row in now) - _sum(row.base for row in before),
                tax=_sum(row.tax for row in now) - _sum(row.tax for row in before),
                parts=amounts_of(changes),
                orders=order_count(changes),
            )
        )
    return rows


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
