"""A company's documents of a period by the report they belong in, against their own totals."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, CharField, DecimalField, F, Q, Sum, Value, When
from django.db.models.expressions import Combinable

from orders.models import Invoice, InvoiceKind, InvoiceLine
from orders.tax_reports.facts import Amounts
from orders.tax_reports.periods import Period
from orders.tax_reports.reading import OF_REPORT

_AMOUNT: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=20, decimal_places=3)


@dataclass(frozen=True)
class Agreement:
    """What the lines of a period's documents come to, and what the documents say, in a currency."""

    reports: Sequence[tuple[str, Amounts]]
    documents: Amounts

    @property
    def reported(self) -> Amounts:
        return Amounts(
            self.documents.currency,
            sum((amounts.net for _, amounts in self.reports), Decimal(0)),
            sum((amounts.tax for _, amounts in self.reports), Decimal(0)),
        )

    @property
    def agrees(self) -> bool:
        return self.reported == self.documents


def list_agreements(*, period: Period, entity_id: int) -> list[Agreement]:
    """Compare per currency; credit notes count off, in the period in which they were issued."""
    reports: dict[str, dict[str, Amounts]] = defaultdict(dict)
    for row in (
        InvoiceLine.objects.filter(
            _within(period, "invoice__"), invoice__series__legal_entity_id=entity_id
        )
        .order_by()
        .values("invoice__currency", report=_report())
        .annotate(net_sum=_signed("net", "invoice__"), tax_sum=_signed("tax", "invoice__"))
    ):
        code = row["invoice__currency"]
        reports[code][row["report"]] = Amounts(code, row["net_sum"], row["tax_sum"])
    return [
        Agreement(
            reports=[(name, reports[code][name]) for name in OF_REPORT if name in reports[code]],
            documents=amounts,
        )
        for code, amounts in _documents(period=period, entity_id=entity_id)
    ]


def _documents(*, period: Period, entity_id: int) -> list[tuple[str, Amounts]]:
    rows = (
        Invoice.objects.filter(_within(period, ""), series__legal_entity_id=entity_id)
        .order_by("currency")
        .values("currency")
        .annotate(net_sum=_signed("net", ""), tax_sum=_signed("tax", ""))
    )
    return [
        (row["currency"], Amounts(row["currency"], row["net_sum"], row["tax_sum"])) for row in rows
    ]


def _within(period: Period, prefix: str) -> Q:
    days = (period.first, period.last)
    return Q(**{f"{prefix}kind": InvoiceKind.INVOICE, f"{prefix}supplied_on__range": days}) | Q(
        **{f"{prefix}kind": InvoiceKind.CREDIT_NOTE, f"{prefix}issued_on__range": days}
    )


def _report() -> Combinable:
    whens = [When(condition, then=Value(name)) for name, condition in OF_REPORT.items()]
    return Case(*whens, output_field=CharField())


def _signed(column: str, prefix: str) -> Sum:
    is_credit = Q(**{f"{prefix}kind": InvoiceKind.CREDIT_NOTE})
    return Sum(
        Case(When(is_credit, then=-F(column)), default=F(column), output_field=_AMOUNT),
        output_field=_AMOUNT,
    )
