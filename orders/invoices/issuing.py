"""Issuing documents: once for each cause, from what the order stored, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import translation

from markets.models import LegalEntity
from markets.money import split
from markets.tax import ComponentKind, Regime
from orders.events import record_event
from orders.invoices.crediting import Credit, ReturnedUnits, Share, split_credit
from orders.invoices.notes import INTRA_EU, write_notes
from orders.invoices.parties import buyer_facts, in_tax_area, seller_facts, seller_of
from orders.invoices.parts import DocumentPart, parts_of_order
from orders.invoices.series import take_number
from orders.invoices.tax_currency import ConvertedTax, convert_tax
from orders.models import Invoice, InvoiceKind, InvoiceLine, Order
from orders.transitions import lock_order

ZERO = Decimal(0)


@transaction.atomic(durable=True)
def issue_invoice(order_id: int, *, supplied_on: date, now: datetime) -> Invoice:
    """Issue an order's invoice, once: a second call gives the same one.

    Every amount is copied from what the order stored. Locks the order, then the series. Records
    `invoice_issued`. Raises NoLegalEntity.
    """
    order = lock_order(order_id)
    known = order.invoices.filter(kind=InvoiceKind.INVOICE).first()
    if known is not None:
        return known
    return _write(
        _Draft(
            order=order,
            entity=seller_of(order),
            kind=InvoiceKind.INVOICE,
            operation_key=f"order:{order_id}",
            supplied_on=supplied_on,
            parts=parts_of_order(order),
        ),
        now=now,
    )


@transaction.atomic(durable=True)
def issue_credit_note(
    order_id: int,
    amount: Decimal,
    *,
    operation_key: str,
    returned: Mapping[int, ReturnedUnits] | None = None,
    delivery: Decimal = ZERO,
    now: datetime,
) -> Invoice | None:
    """Issue the credit note of a refund: `amount` in the order's currency, tax included.

    `returned` maps order lines to the units that came back, `delivery` is what of the amount is
    for delivery. The same key is the same note. None
    while nothing was invoiced: there is nothing to correct yet. Rates and regimes are those of
    the invoice. Locks the order, then the series. Records `credit_note_issued`. Raises
    CreditTooLarge.
    """
    order = lock_order(order_id)
    invoice = order.invoices.filter(kind=InvoiceKind.INVOICE).first()
    known = order.invoices.filter(operation_key=operation_key).first()
    if known is not None or invoice is None:
        return known
    lines = list(
        invoice.lines.select_related("component")
        .prefetch_related("credited_by")
        .order_by("position")
    )
    credits = split_credit(
        [_share(line) for line in lines],
        amount,
        currency=order.currency,
        returned=returned,
        delivery=delivery,
    )
    by_id = {line.pk: line for line in lines}
    return _write(
        _Draft(
            order=order,
            entity=invoice.series.legal_entity,
            kind=InvoiceKind.CREDIT_NOTE,
            operation_key=operation_key,
            supplied_on=invoice.supplied_on,
            parts=[_credited(by_id[credit.line_id], credit, order) for credit in credits],
            corrects=invoice,
        ),
        now=now,
    )


@dataclass(frozen=True)
class _Draft:
    order: Order
    entity: LegalEntity
    kind: InvoiceKind
    operation_key: str
    supplied_on: date
    parts: Sequence[DocumentPart]
    corrects: Invoice | None = None


def _write(draft: _Draft, *, now: datetime) -> Invoice:
    order = draft.order
    issued_on = now.astimezone(order.market.zone).date()
    facts = _facts(draft, now=now)
    number = take_number(draft.entity, draft.kind, year=issued_on.year)
    invoice = Invoice.objects.create(
        series_id=number.series_id,
        number=number.number,
        reference=number.reference,
        kind=draft.kind,
        order=order,
        corrects=draft.corrects,
        operation_key=draft.operation_key,
        language=order.language,
        locale=order.locale,
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        issued_at=now,
        issued_on=issued_on,
        supplied_on=draft.supplied_on,
        net=sum((part.net for part in draft.parts), ZERO),
        tax=sum((part.tax for part in draft.parts), ZERO),
        gross=sum((part.gross for part in draft.parts), ZERO),
        **facts,
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=invoice, position=position, **vars(part))
        for position, part in enumerate(draft.parts, start=1)
    )
    kind = "credit_note_issued" if invoice.is_credit_note else "invoice_issued"
    record_event(order, kind, now=now, invoice=invoice.pk, reference=invoice.reference)
    return invoice


def _facts(draft: _Draft, *, now: datetime) -> dict[str, Any]:
    """Gather the parties, the notes and the converted tax: of the invoice, for a credit note."""
    order, corrected = draft.order, draft.corrects
    if corrected is not None:
        return {
            "seller": corrected.seller,
            "buyer": corrected.buyer,
            "notes": corrected.notes,
            **_conversion_again(draft, corrected),
        }
    converted = convert_tax(
        draft.parts, currency=order.currency, home=draft.entity.country, now=now
    )
    with translation.override(order.language):
        notes = write_notes(_note_codes(draft))
    return {
        "seller": seller_facts(
            draft.entity,
            (part.registration_id for part in draft.parts),
            taxed_in={part.jurisdiction.partition("-")[0] for part in draft.parts if part.tax},
            on=draft.supplied_on,
        ),
        "buyer": buyer_facts(order),
        "notes": notes,
        **_conversion(converted),
    }


def _note_codes(draft: _Draft) -> set[str]:
    codes = {part.regime for part in draft.parts if part.regime}
    if Regime.REVERSE_CHARGE in codes:
        # Both ends in the EU and not the same country: Article 138.
        ends = {draft.entity.country, draft.order.shipping_address.country}
        if len(ends) == 2 and in_tax_area(ends, "EU", on=draft.supplied_on):
            codes.add(INTRA_EU)
    return codes


def _conversion(converted: ConvertedTax | None) -> dict[str, Any]:
    if converted is None:
        return {}
    return {
        "tax_currency": converted.currency,
        "tax_rate": converted.rate,
        "tax_rate_source": converted.source,
        "tax_converted": converted.amount,
    }


def _conversion_again(draft: _Draft, corrected: Invoice) -> dict[str, Any]:
    """Convert by the invoice's rate: what was declared is taken back, not another sum.

    The last credit note takes what is left.
    """
    if corrected.tax_rate is None or corrected.tax_converted is None:
        return {}
    earlier = corrected.credit_notes.aggregate(tax=Sum("tax"), converted=Sum("tax_converted"))
    tax = sum((part.tax for part in draft.parts), ZERO)
    left = corrected.tax - (earlier["tax"] or ZERO)
    left_converted = corrected.tax_converted - (earlier["converted"] or ZERO)
    share = split(left_converted, [tax, left - tax], corrected.tax_currency)[0] if left else ZERO
    return {
        "tax_currency": corrected.tax_currency,
        "tax_rate": corrected.tax_rate,
        "tax_rate_source": corrected.tax_rate_source,
        "tax_converted": share,
    }


def _share(line: InvoiceLine) -> Share:
    earlier = line.credited_by.all()
    return Share(
        line_id=line.pk,
        order_line_id=line.order_line_id,
        net=line.net,
        tax=line.tax,
        credited_net=sum((credit.net for credit in earlier), ZERO),
        credited_tax=sum((credit.tax for credit in earlier), ZERO),
        refundable=line.component.refundable,
        border_of=line.component.goods_line_id,
        is_delivery=line.kind == ComponentKind.SHIPPING,
    )


def _credited(line: InvoiceLine, credit: Credit, order: Order) -> DocumentPart:
    return replace(
        _part(line),
        net=credit.net,
        tax=credit.tax,
        gross=credit.gross,
        quantity=credit.quantity,
        parts=_split_parts(line, credit.tax, order.currency),
    )


def _part(line: InvoiceLine) -> DocumentPart:
    return DocumentPart(
        component_id=line.component_id,
        kind=line.kind,
        label=line.label,
        net=line.net,
        tax=line.tax,
        gross=line.gross,
        percent=line.percent,
        tax_name=line.tax_name,
        sku=line.sku,
        order_line_id=line.order_line_id,
        charge_id=line.charge_id,
        credits_id=line.pk,
        regime=line.regime,
        jurisdiction=line.jurisdiction,
        registration_id=line.registration_id,
        terms=line.terms,
    )


def _split_parts(line: InvoiceLine, tax: Decimal, currency: str) -> list[dict[str, Any]]:
    """Split the tax taken back over the taxes of its line, by what is left of each."""
    if not line.parts:
        return []
    left = [Decimal(str(part["tax"])) for part in line.parts]
    for earlier in line.credited_by.all():
        left = [
            rest - Decimal(str(part["tax"])) for rest, part in zip(left, earlier.parts, strict=True)
        ]
    return [
        {**part, "tax": str(share)}
        for part, share in zip(line.parts, split(tax, left, currency), strict=True)
    ]
