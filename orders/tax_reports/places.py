"""Summaries per place: states of the US, provinces of Canada, any other country; pure.

Unlike a one-stop-shop return, sales and refunds of the period stand side by side: these states
let a refund be taken off in the period in which it is made.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from orders.tax_reports.conversion import Rates
from orders.tax_reports.facts import Amounts, TaxFact, add_up, amounts_of, grouped, order_count
from orders.tax_reports.periods import Period


@dataclass(frozen=True, order=True)
class PlaceKey:
    """What a row is of; a column that a summary does not tell apart is empty or 0."""

    country: str
    region: str = ""
    regime: str = ""
    tax_name: str = ""
    percent: Decimal = Decimal(0)
    currency: str = ""

    @classmethod
    def of_state(cls, fact: TaxFact) -> "PlaceKey":
        """Tell the states of the US apart, and within one whether tax was collected."""
        return cls(fact.country, fact.region, fact.regime)

    @classmethod
    def of_province(cls, fact: TaxFact) -> "PlaceKey":
        """Tell Canada's provinces apart, and their taxes: GST and QST go to two offices."""
        return cls(fact.country, fact.region, fact.regime, fact.tax_name, fact.percent)

    @classmethod
    def of_country(cls, fact: TaxFact) -> "PlaceKey":
        """Tell countries, rates and currencies apart: nothing is converted."""
        return cls(
            fact.country, "", fact.regime, fact.tax_name, fact.percent, currency=fact.currency
        )

    @classmethod
    def of_kind(cls, fact: TaxFact) -> "PlaceKey":
        """Tell countries, kinds and currencies apart: of duties and fees that bear no tax."""
        return cls(fact.country, "", fact.regime, fact.kind, currency=fact.currency)


@dataclass(frozen=True)
class PlaceRow:
    """Amounts in the summary's currency; refunds are negative, `exempt` bore no tax.

    `counted` has each net once in a summary, also where a line bears several taxes and stands in
    several rows; `parts` is the same as invoiced.
    """

    key: PlaceKey
    sales: Amounts
    taxable: Decimal
    refunds: Amounts
    counted: Amounts
    parts: tuple[Amounts, ...]
    orders: int

    @property
    def exempt(self) -> Decimal:
        return self.sales.net - self.taxable

    @property
    def net(self) -> Decimal:
        return self.sales.net + self.refunds.net

    @property
    def tax(self) -> Decimal:
        return self.sales.tax + self.refunds.tax


@dataclass(frozen=True)
class PlaceSummary:
    """Rows in `currency`, or each in its own where that is empty."""

    period: Period
    currency: str
    rows: tuple[PlaceRow, ...]
    is_provisional: bool

    @property
    def totals(self) -> tuple[Amounts, ...]:
        """Give the sum of the rows, per currency."""
        return add_up(row.counted for row in self.rows)


def sum_places(
    facts: Iterable[TaxFact],
    *,
    period: Period,
    currency: str,
    rates: Rates,
    key: Callable[[TaxFact], PlaceKey],
) -> PlaceSummary:
    """Sum what counts in a period per place; without a currency the key has each row's.

    Raises ReportRateMissing.

    Where a line bears several taxes and the key tells them apart, each row has the whole base.
    """
    known = [fact for fact in facts if fact.on in period]
    return PlaceSummary(
        period=period,
        currency=currency,
        rows=tuple(
            _row(row_key, group, currency=currency or row_key.currency, rates=rates)
            for row_key, group in sorted(grouped(known, key).items())
        ),
        is_provisional=bool(currency)
        and any(fact.currency != currency for fact in known)
        and rates.is_provisional(*{fact.currency for fact in known}, currency),
    )


def _row(key: PlaceKey, facts: list[TaxFact], *, currency: str, rates: Rates) -> PlaceRow:
    def total(group: Iterable[TaxFact]) -> Amounts:
        whole = [replace(fact, counts_net=True) for fact in group] if key.tax_name else group
        return rates.total(amounts_of(whole), currency)

    sold = [fact for fact in facts if not fact.is_credit]
    parts = amounts_of(facts)
    return PlaceRow(
        key=key,
        sales=total(sold),
        taxable=total(fact for fact in sold if fact.tax != 0).net,
        refunds=total(fact for fact in facts if fact.is_credit),
        counted=rates.total(parts, currency),
        parts=parts,
        orders=order_count(facts),
    )
