"""What a state and a carrier take for an import beside duty."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from markets.landed_cost.layers import Convert
from markets.landed_cost.parts import by_heading, by_value, component, headings_of
from markets.landed_cost.terms import (
    CostKind,
    CustomsGoods,
    CustomsParcel,
    DutyComponent,
    DutyTables,
    Fee,
    FeePer,
    LaneTerms,
)


def fees_on(parcel: CustomsParcel, *, tables: DutyTables, convert: Convert) -> list[DutyComponent]:
    """Reckon the state's fees on a parcel.

    A country's fee that gives way is left out once the customs union takes one of its kind.
    """
    due = [fee for fee in tables.fees if _is_due(fee, parcel=parcel, convert=convert)]
    of_union = {fee.kind for fee in due if fee.destination != parcel.ship_to.country}
    return [
        component(
            _parts(fee, parcel.goods, currency=parcel.currency, convert=convert),
            parcel.goods,
            currency=parcel.currency,
            label=fee.label,
            row=fee.row,
            kind=CostKind.FEE,
            taxable=fee.taxable,
            refundable=fee.refundable,
            code="handling" if fee.kind == "handling" else "import_fee",
            row_currency=fee.currency,
        )
        for fee in due
        if not (
            fee.gives_way and fee.destination == parcel.ship_to.country and fee.kind in of_union
        )
    ]


def clearance(lane: LaneTerms, parcel: CustomsParcel, *, convert: Convert) -> DutyComponent:
    """Reckon what the carrier takes for clearing the parcel."""
    amount = convert(lane.clearance_fee, lane.currency, parcel.currency)
    return component(
        by_value(amount, parcel.goods),
        parcel.goods,
        currency=parcel.currency,
        label="Customs clearance by the carrier",
        row=lane.row,
        kind=CostKind.CLEARANCE,
        taxable=lane.clearance_taxable,
        refundable=False,
        code="clearance",
        row_currency=lane.currency,
    )


def lane_of(parcel: CustomsParcel, tables: DutyTables) -> LaneTerms | None:
    """Find the terms of the parcel's lane: those that name the destination, then the origin."""
    sent_from, sent_to = parcel.ship_from.country, parcel.ship_to.country
    fitting = [
        lane
        for lane in tables.lanes
        if lane.origin in ("", sent_from, tables.territory(sent_from))
        and lane.destination in ("", sent_to, tables.territory(sent_to))
    ]
    return max(
        fitting,
        key=lambda lane: (
            bool(lane.destination), lane.destination == sent_to,
            bool(lane.origin), lane.origin == sent_from,
        ),
        default=None,
    )  # fmt: skip


def _is_due(fee: Fee, *, parcel: CustomsParcel, convert: Convert) -> bool:
    return bool(parcel.goods) and (
        fee.value_to is None
        or convert(parcel.value, parcel.currency, fee.value_currency or fee.currency)
        <= fee.value_to
    )


def _parts(
    fee: Fee, goods: Sequence[CustomsGoods], *, currency: str, convert: Convert
) -> list[Fraction]:
    if fee.per is FeePer.HEADING:
        total = convert(fee.amount * len(headings_of(goods)), fee.currency, currency)
        return by_heading(total, goods)
    if fee.per is FeePer.LINE:
        total = convert(fee.amount * len(goods), fee.currency, currency)
        return [Fraction(total) / len(goods) for _line in goods]
    return by_value(convert(Decimal(fee.amount), fee.currency, currency), goods)
