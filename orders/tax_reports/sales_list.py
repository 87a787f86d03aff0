"""The EC sales list: what business buyers of other member states were sold untaxed; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from orders.tax_reports.conversion import Rates
from orders.tax_reports.facts import Amounts, TaxFact, amounts_of, grouped, order_count
from orders.tax_reports.periods import Period


@dataclass(frozen=True)
class BuyerRow:
    """What one buyer was sold and credited; `net` is in the list's currency, credits included.

    `is_listed` is False where the buyer owes the tax but is not of another member state, as a
    business in the United Kingdom is: such rows are no part of the EC sales list.
    """

    country: str
    tax_id: str
    buyer: str
    is_listed: bool
    net: Decimal
    credited: Decimal
    parts: tuple[Amounts, ...]
    orders: int


@dataclass(frozen=True)
class SalesList:
    period: Period
    currency: str
    rows: tuple[BuyerRow, ...]
    is_provisional: bool

    @property
    def listed(self) -> tuple[BuyerRow, ...]:
        return tuple(row for row in self.rows if row.is_listed)

    @property
    def unlisted(self) -> tuple[BuyerRow, ...]:
        return tuple(row for row in self.rows if not row.is_listed)

    @property
    def net(self) -> Decimal:
        return sum((row.net for row in self.listed), Decimal(0))


def sum_sales_list(
    facts: Iterable[TaxFact],
    *,
    period: Period,
    currency: str,
    rates: Rates,
    member_states: frozenset[str],
) -> SalesList:
    """Sum reverse-charge facts of a period per buyer. Raises ReportRateMissing."""

    def key(fact: TaxFact) -> tuple[str, str, bool]:
        crosses = fact.country != fact.ship_from
        listed = crosses and {fact.country, fact.ship_from} <= member_states
        return fact.country, fact.buyer_tax_id, listed

    known = [fact for fact in facts if fact.on in period]
    rows = []
    for (country, tax_id, is_listed), group in sorted(grouped(known, key).items()):
        parts = amounts_of(group)
        credited = amounts_of(fact for fact in group if fact.is_credit)
        rows.append(
            BuyerRow(
                country=country,
                tax_id=tax_id,
                buyer=max(fact.buyer for fact in group),
                is_listed=is_listed,
                net=rates.total(parts, currency).net,
                credited=rates.total(credited, currency).net,
                parts=parts,
                orders=order_count(group),
            )
        )
    return SalesList(
        period=period,
        currency=currency,
        rows=tuple(rows),
        is_provisional=rates.is_provisional(*{fact.currency for fact in known}, currency),
    )
