"""Facts of reports, out of the lines of invoices and credit notes as they were issued."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from markets.models import TaxPlaceRule, TaxRate
from markets.tax import STANDARD, ComponentKind, Regime
from orders.models import InvoiceKind, InvoiceLine, OrderEvent
from orders.tax_reports.cuts import Cuts
from orders.tax_reports.facts import TaxFact
from orders.tax_reports.periods import Period, period_of
from orders.tax_reports.terms import SCHEME_OF, find_terms

# An order's payment has been accepted with the first of these.
_ACCEPTED = ("payment_authorised", "payment_captured")
_DAY = timedelta(days=1)
_EU = "EU"
_PLAIN = Q(kind__in=[ComponentKind.DUTY, ComponentKind.FEE], percent=0, tax=0)
_ELSEWHERE = ~Q(regime__in=[Regime.OSS, Regime.IOSS, Regime.REVERSE_CHARGE]) & ~_PLAIN
_US, _CA = Q(jurisdiction__startswith="US"), Q(jurisdiction__startswith="CA")
OF_REPORT = {
    "oss": Q(regime=Regime.OSS) & ~_PLAIN,
    "ioss": Q(regime=Regime.IOSS) & ~_PLAIN,
    "reverse-charge": Q(regime=Regime.REVERSE_CHARGE) & ~_PLAIN,
    "us": _ELSEWHERE & _US,
    "ca": _ELSEWHERE & _CA,
    "countries": _ELSEWHERE & ~_US & ~_CA,
    "duties": _PLAIN,
}
REPORTS = tuple(OF_REPORT)

_COLUMNS = (
    "invoice_id", "invoice__order_id", "invoice__order__number", "invoice__reference",
    "invoice__kind",
    "invoice__supplied_on", "invoice__issued_on", "invoice__corrects__supplied_on",
    "invoice__currency", "invoice__buyer", "invoice__order__buyer_tax_id",
    "invoice__order__buyer_company",
    "invoice__order__market__time_zone", "component__ship_from", "regime", "kind", "jurisdiction",
    "percent", "tax_name", "net", "tax", "parts",
)  # fmt: skip


class _Row(Protocol):
    def __getattr__(self, name: str) -> Any: ...


def facts_of_return(report: str, *, period: Period, entity_id: int, filed: Cuts) -> list[TaxFact]:
    """Give what a one-stop-shop return of a company is summed from.

    That is everything supplied in the period, and of each earlier period that a document of
    this one corrects, everything that counted up to this one's end. What came after a return of
    `filed` was cut counts from later on.
    """
    lines = _lines(report, entity_id=entity_id)
    wanted = _of_sales_in(report, period) | _issued_in(period, filed)
    own = list(_facts(report, lines.filter(wanted), filed))
    corrected = {
        period_of(fact.sale_on, months=period.months)
        for fact in own
        if fact.on in period and fact.sale_on < period.first
    }
    facts = [fact for fact in own if fact.sale_on in period]
    for earlier in sorted(corrected):
        of_sales = lines.filter(
            _of_sales_in(report, earlier), invoice__issued_on__lte=period.last + _DAY
        )
        facts += [fact for fact in _facts(report, of_sales, filed) if fact.sale_on in earlier]
    return [fact for fact in facts if fact.on <= period.last]


def facts_of_places(report: str, *, period: Period, entity_id: int, filed: Cuts) -> list[TaxFact]:
    """Give what a company sold and credited in a period, of the report's places or regime."""
    lines = _lines(report, entity_id=entity_id).filter(
        Q(invoice__kind=InvoiceKind.INVOICE, invoice__supplied_on__range=_days(period))
        | _issued_in(period, filed)
    )
    return [fact for fact in _facts(report, lines, filed) if fact.on in period]


def member_states(*, on: date) -> frozenset[str]:
    """Give the member states of the European Union on a day."""
    rows = TaxPlaceRule.objects.filter(area=_EU, region="", valid_from__lte=on)
    return frozenset(
        rows.filter(Q(valid_to=None) | Q(valid_to__gt=on)).values_list("country", flat=True)
    )


@dataclass(frozen=True)
class _StandardRates:
    rows: dict[str, list[tuple[date, date | None, Decimal]]]

    @classmethod
    def read(cls) -> "_StandardRates":
        rows: dict[str, list[tuple[date, date | None, Decimal]]] = {}
        found = TaxRate.objects.filter(category=STANDARD, region="")
        for country, start, end, percent in found.values_list(
            "country", "valid_from", "valid_to", "percent"
        ):
            rows.setdefault(country, []).append((start, end, percent))
        return cls(rows)

    def has(self, country: str, percent: Decimal, *, on: date) -> bool:
        """Tell whether a rate is the standard one; where none is known it is taken for it."""
        known = [
            rate
            for start, end, rate in self.rows.get(country, [])
            if start <= on < (end or date.max)
        ]
        return not known or percent in known


def _lines(report: str, *, entity_id: int) -> QuerySet[InvoiceLine]:
    return InvoiceLine.objects.filter(
        OF_REPORT[report], invoice__series__legal_entity_id=entity_id
    ).order_by("invoice_id", "position")


def _of_sales_in(report: str, period: Period) -> Q:
    """Find at least the lines of what was supplied in a period, and of its credit notes.

    An import sale counts when its payment is accepted, at the earliest when it is ordered and at
    the latest when it is supplied: `_facts` tells which day it was.
    """
    first, last = _days(period)
    if report == "ioss":
        end = datetime.combine(last + 2 * _DAY, datetime.min.time(), ZoneInfo("UTC"))
        placed = Q(invoice__order__placed_at__lt=end)
        sold = Q(invoice__kind=InvoiceKind.INVOICE, invoice__supplied_on__gte=first)
        return placed & (sold | Q(invoice__corrects__supplied_on__gte=first))
    return Q(invoice__kind=InvoiceKind.INVOICE, invoice__supplied_on__range=(first, last)) | Q(
        invoice__corrects__supplied_on__range=(first, last)
    )


def _issued_in(period: Period, filed: Cuts) -> Q:
    """Find what was issued in a period, and what the one before may have left to it."""
    first = period.previous().first if filed else period.first
    return Q(invoice__issued_on__range=(first, period.last))


def _days(period: Period) -> tuple[date, date]:
    return period.first, period.last


def _facts(report: str, lines: QuerySet[InvoiceLine], filed: Cuts) -> Iterator[TaxFact]:
    standard = _StandardRates.read()
    is_import = report == "ioss"
    columns = list(_COLUMNS)
    if is_import:
        accepted = OrderEvent.objects.filter(
            order=OuterRef("invoice__order"), kind__in=_ACCEPTED
        ).order_by("occurred_at")
        lines = lines.annotate(
            accepted_at=Coalesce(
                Subquery(accepted.values("occurred_at")[:1]), "invoice__order__placed_at"
            )
        )
        columns.append("accepted_at")
    for row in lines.values_list(*columns, named=True).iterator(chunk_size=2000):
        yield from _facts_of_line(row, report=report, standard=standard, filed=filed)


def _facts_of_line(
    row: _Row, *, report: str, standard: _StandardRates, filed: Cuts
) -> Iterator[TaxFact]:
    is_credit = row.invoice__kind == InvoiceKind.CREDIT_NOTE
    supplied_on: date = row.invoice__corrects__supplied_on or row.invoice__supplied_on
    sale_on = supplied_on
    if report == "ioss":
        zone = ZoneInfo(row.invoice__order__market__time_zone)
        sale_on = min(supplied_on, row.accepted_at.astimezone(zone).date())
    on = _counts_from(report, sale_on, row.invoice__issued_on, is_credit=is_credit)
    on = filed.counts_from(on, document=row.invoice_id, issued_on=row.invoice__issued_on)
    country, _, region = row.jurisdiction.partition("-")
    sign = -1 if is_credit else 1
    buyer = row.invoice__buyer if isinstance(row.invoice__buyer, dict) else {}
    for number, (name, percent, tax) in enumerate(_taxes(row)):
        yield TaxFact(
            order_id=row.invoice__order_id,
            order=row.invoice__order__number,
            document=row.invoice__reference,
            is_credit=is_credit,
            on=on,
            sale_on=sale_on,
            regime=row.regime,
            kind=row.kind,
            country=country,
            region=region,
            ship_from=(row.component__ship_from or "").partition("-")[0],
            percent=percent,
            is_standard=standard.has(country, percent, on=sale_on),
            tax_name=name,
            currency=row.invoice__currency,
            net=sign * row.net,
            tax=sign * tax,
            counts_net=number == 0,
            buyer_tax_id=buyer.get("tax_id") or row.invoice__order__buyer_tax_id,
            buyer=buyer.get("company")
            or row.invoice__order__buyer_company
            or buyer.get("name", ""),
        )


def _counts_from(report: str, sale_on: date, issued_on: date, *, is_credit: bool) -> date:
    if is_credit:
        return max(issued_on, sale_on)
    terms = find_terms(SCHEME_OF[report], on=sale_on) if report in SCHEME_OF else None
    return terms.counts_from(sale_on=sale_on, issued_on=issued_on) if terms else sale_on


def _taxes(row: _Row) -> list[tuple[str, Decimal, Decimal]]:
    """Give each tax of a line: name, percent, amount; those that were taken first."""
    if not row.parts:
        return [(row.tax_name, row.percent, row.tax)]
    parts = [
        (str(part["name"]), Decimal(str(part["percent"])), Decimal(str(part["tax"])))
        for part in row.parts
    ]
    return sorted(parts, key=lambda part: part[2] == 0)
