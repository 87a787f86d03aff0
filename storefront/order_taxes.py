"""What an order keeps of its quote's taxes, duties and fees."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from markets.tax import Goods, Note, ParcelAnswer, Place, TaxComponent
from markets.tax.providers import find_exchange_rate
from orders.models import Cart, OrderCharge
from orders.placing import ChargeDraft, TaxComponentDraft, TaxDraft
from storefront.landed_words import cost_words
from storefront.quoting import CartQuote, add_up
from storefront.quoting.taxing import Taxed
from storefront.tax_sums import charge_kind

K = OrderCharge.Kind
_SEVERAL = {K.DUTY: gettext_lazy("Customs duties"), K.IMPORT_FEE: gettext_lazy("Import fees")}


def list_charges(quote: CartQuote) -> list[ChargeDraft]:
    """List what an order costs beside its goods: delivery always, duties and fees if there are."""
    parts_of: dict[OrderCharge.Kind, list[TaxComponent]] = {K.SHIPPING: []}
    for component in quote.components:
        kind = charge_kind(component)
        if kind is not None:
            parts_of.setdefault(kind, []).append(component)
    name = quote.delivery.name if quote.delivery else ""
    return [
        _charge(kind, parts, label=name if kind is K.SHIPPING else _words(kind, parts))
        for kind, parts in parts_of.items()
    ]


def draft_taxes(quote: CartQuote, cart: Cart) -> TaxDraft:
    """Draft the components of an order, and how each parcel's regime was decided."""
    taxed = quote.taxed_basket
    if taxed is None:
        raise LookupError("The quote has no tax: its country is not known.")
    return TaxDraft(
        components=[_component(part, taxed) for part in taxed.answer.components],
        parcels=[_parcel(number, taxed) for number in range(len(taxed.answer.parcels))],
        due_on_delivery=[_due(part) for part in taxed.answer.due_on_delivery],
        notes=[_note(note) for note in taxed.answer.notes],
        legal_entity_id=quote.market.legal_entity_id,
        buyer_tax_id=cart.tax_id,
        buyer_company=cart.company,
        tax_id_check_id=taxed.buyer.check_id,
    )


def _words(kind: OrderCharge.Kind, parts: Iterable[TaxComponent]) -> str:
    """Name a charge as its one duty or fee, or by its kind where several are in it."""
    words = list(dict.fromkeys(cost_words(part.kind, part.code) for part in parts))
    return words[0] if len(words) == 1 else str(_SEVERAL.get(kind, kind.label))


def _charge(kind: OrderCharge.Kind, parts: Iterable[TaxComponent], *, label: str) -> ChargeDraft:
    whole = add_up(parts)
    return ChargeDraft(
        kind=kind,
        label=label,
        net=whole.net,
        tax=whole.tax,
        gross=whole.gross,
        tax_percent=whole.percent,
        tax_rate_id=whole.rate_id,
    )


def _component(part: TaxComponent, taxed: Taxed) -> TaxComponentDraft:
    goods = _goods(part, taxed)
    found = _parcel_of(part, taxed)
    return TaxComponentDraft(
        variant_id=int(goods.key) if goods else None,
        charge=charge_kind(part),
        kind=str(part.kind),
        label=part.label[:200],
        net=part.net,
        tax=part.tax,
        gross=part.gross,
        percent=part.percent,
        tax_name=part.tax_name[:80],
        row=part.row[:120],
        parcel=part.parcel,
        quantity=goods.quantity if goods else 0,
        parts=_parts(part),
        refundable=part.refundable,
        regime=str(found.regime) if found else "",
        jurisdiction=str(found.jurisdiction) if found else "",
        ship_from=str(_sent_from(part.parcel, taxed)) if part.parcel is not None else "",
        registration_id=found.registration_id if found else None,
        hs_code=goods.hs_code if goods else "",
        origin=goods.origin if goods else "",
        terms=found.terms if found else "",
        exchange_rate_id=_exchange_rate(part, taxed),
    )


def _exchange_rate(part: TaxComponent, taxed: Taxed) -> int | None:
    """Find the rate that a duty's or fee's own amount was converted by."""
    basket = taxed.basket
    if part.currency in ("", basket.currency):
        return None
    return find_exchange_rate(part.currency, basket.currency, on=basket.on)


def _parcel_of(part: TaxComponent, taxed: Taxed) -> ParcelAnswer | None:
    """Find a component's parcel; what belongs to no parcel goes with the only one, if it is."""
    parcels = taxed.answer.parcels
    if part.parcel is not None:
        return parcels[part.parcel]
    return parcels[0] if len(parcels) == 1 else None


def _sent_from(number: int, taxed: Taxed) -> Place:
    return taxed.basket.parcels[number].ship_from


def _goods(part: TaxComponent, taxed: Taxed) -> Goods | None:
    """Find the goods that a component is of, or was charged for."""
    if part.parcel is None:
        return None
    goods = taxed.basket.parcels[part.parcel].goods
    return next((row for row in goods if row.key == part.key), None)


def _parcel(number: int, taxed: Taxed) -> dict[str, Any]:
    found = taxed.answer.parcels[number]
    return {
        "no": number,
        "ship_from": str(_sent_from(number, taxed)),
        "regime": str(found.regime),
        "jurisdiction": str(found.jurisdiction),
        "registration_id": found.registration_id,
        "terms": found.terms,
        "customs_value": found.customs_value,
        "duty_refund_days": found.duty_refund_days,
        "trace": [
            {"rule": step.rule, "held": step.held, "why": step.why, "facts": dict(step.facts)}
            for step in found.trace
        ],
    }


def _due(part: TaxComponent) -> dict[str, Any]:
    return {
        "kind": str(part.kind),
        "code": part.code,
        "parcel": part.parcel,
        "label": part.label,
        "net": part.net,
        "tax": part.tax,
        "gross": part.gross,
        "percent": part.percent,
        "tax_name": part.tax_name,
        "row": part.row,
    }


def _note(note: Note) -> dict[str, Any]:
    return {"code": note.code, "facts": dict(note.facts)}


def _parts(part: TaxComponent) -> list[dict[str, Any]]:
    return [
        {"name": row.name, "percent": row.percent, "tax": row.tax, "row": row.row}
        for row in part.parts
    ]
