"""What holds of every basket, whatever is in it and wherever it goes."""

from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets.landed_cost.terms import Formula
from markets.money import InexactAmount, from_minor, to_minor
from markets.tax import (
    Buyer,
    CategoryExemption,
    Goods,
    Parcel,
    Place,
    Regime,
    TaxAnswer,
    TaxBasket,
    TaxTables,
)
from tests.markets.tax.law import (
    BRAZIL,
    DAY,
    EU_FLAT,
    TABLES,
    asked,
    basket,
    duties,
    goods,
    law,
    layer,
    registration,
)

D = Decimal
REGISTERED = law(
    registration("domestic", "DE"), registration("union_oss", "DE"), registration("ioss", "NL"),
    registration("uk_import", "GB"), registration("sales_tax", "US", "NY"),
    registration("au_vendor", "AU"), registration("no_voec", "NO"), registration("gst", "CA"),
    exemptions=(
        CategoryExemption("US", "NY", "clothing", "exempt_below", D(110), "USD"),
        CategoryExemption("CA", "", "clothing", "above_only", D(20), "CAD"),
        CategoryExemption("DE", "", "clothing", "exempt_up_to", D(50), "EUR"),
    ),
    duties={
        **duties("FR", layers=[EU_FLAT]),
        **duties("GB", layers=[layer("GB", percent="12")]),
        **duties("US", layers=[layer("US", percent="10")], lane="dap"),
        **duties("BR", formula=Formula.BRAZIL, factors=BRAZIL),
        **duties("JP", tax_free_to=D(60), duty_free_to=D(60), layers=[layer("JP", percent="5")]),
        **duties("CA", layers=[layer("CA", percent="18")]),
    },
)  # fmt: skip
ANYBODY = replace(TABLES, legal_entity_id=None)
PLACES = [
    Place("DE"), Place("FR"), Place("HU"), Place("GB"), Place("GB", "", "BT1 1AA"), Place("CH"),
    Place("NO"), Place("JP"), Place("AU"), Place("BR"), Place("MX"), Place("AE"), Place("CN"),
    Place("KW"), Place("US", "NY"), Place("US", "MA"), Place("US", "CA"), Place("CA", "BC"),
    Place("CA", "QC"), Place("CA", "ON"), Place("ES", "", "35001"),
]  # fmt: skip
BUYERS = [Buyer(), Buyer(True, "FR40303265045", "FR", True), Buyer(True, "FR1", "FR", False)]
_currencies = ("EUR", "JPY", "KWD")


@st.composite
def baskets(draw: st.DrawFn, places: list[Place] = PLACES) -> TaxBasket:
    currency = draw(st.sampled_from(_currencies))
    keys = count()

    def lines() -> tuple[Goods, ...]:
        return tuple(
            Goods(
                key=str(next(keys)),
                amount=from_minor(draw(st.integers(0, 60_000)), currency),
                quantity=draw(st.integers(1, 7)),
                category=draw(st.sampled_from(["standard", "books", "food", "clothing"])),
                hs_code=draw(st.sampled_from(["", "610910", "640399"])),
            )
            for _ in range(draw(st.integers(1, 4)))
        )

    return TaxBasket(
        ship_to=draw(st.sampled_from(places)),
        parcels=tuple(
            Parcel(draw(st.sampled_from(places[:4] + places[-6:])), lines())
            for _ in range(draw(st.integers(1, 3)))
        ),
        shipping=from_minor(draw(st.integers(0, 3000)), currency),
        currency=currency,
        prices_include_tax=draw(st.booleans()),
        tax_mode=draw(st.sampled_from(["gross_fixed", "net_fixed"])),
        home=Place("DE"),
        rounding=draw(st.sampled_from(["line", "rate_group", "unit"])),
        on=DAY,
        buyer=draw(st.sampled_from(BUYERS)),
    )


laws = st.sampled_from([REGISTERED, ANYBODY, TABLES])


def sums_hold(answer: TaxAnswer) -> None:
    for part in answer.components:
        assert part.net + part.tax == part.gross
        assert sum((tax.tax for tax in part.parts), D(0)) in (part.tax, 0)
    for name in ("net", "tax", "gross"):
        total = getattr(answer, name)
        assert sum((getattr(part, name) for part in answer.components), D(0)) == total
        assert sum((getattr(rate, name) for rate in answer.rates), D(0)) == total


@settings(max_examples=300, deadline=None)
@given(baskets(), laws)
def test_sums_are_exact_and_nothing_is_negative(question: TaxBasket, tables: TaxTables) -> None:
    answer = asked(question, tables)
    sums_hold(answer)
    for part in (*answer.components, *answer.due_on_delivery):
        assert part.tax >= 0
        assert part.net >= 0
        to_minor(part.tax, question.currency)
        to_minor(part.net, question.currency)


@settings(max_examples=150, deadline=None)
@given(baskets(), laws)
def test_same_basket_has_the_same_answer(question: TaxBasket, tables: TaxTables) -> None:
    assert asked(question, tables) == asked(question, tables)


@settings(max_examples=150, deadline=None)
@given(baskets(), laws)
def test_what_is_shown_is_what_goods_and_delivery_cost(
    question: TaxBasket, tables: TaxTables
) -> None:
    """With the tax inside and the gross fixed, the shown price stands wherever goods go.

    But where the buyer owes the tax to somebody else, it is taken out.
    """
    question = replace(question, tax_mode="gross_fixed")
    shown = sum((g.amount for p in question.parcels for g in p.goods), question.shipping)
    answer = asked(question, tables)
    own = [part for part in answer.components if part.kind in ("goods", "shipping")]
    name = "gross" if question.prices_include_tax else "net"
    cost = sum((getattr(part, name) for part in own), D(0))
    buyer_owes = {Regime.IMPORT_DAP, Regime.REVERSE_CHARGE, Regime.EXPORT}
    if question.prices_include_tax and buyer_owes & {p.regime for p in answer.parcels}:
        assert cost <= shown
    else:
        assert cost == shown


@st.composite
def packings(draw: st.DrawFn) -> tuple[TaxBasket, TaxBasket]:
    """Give a basket in one parcel, and the same in several from the same place."""
    whole = draw(baskets(PLACES[:1] + PLACES[14:16]))
    whole = replace(
        whole, ship_to=draw(st.sampled_from([Place("DE"), Place("FR")])),
        parcels=(Parcel(Place("DE"), whole.parcels[0].goods),),
    )  # fmt: skip
    boxes: list[list[Goods]] = [[], [], []]
    for line in whole.parcels[0].goods:
        units = to_minor(line.amount, whole.currency)
        counts = [0, 0, 0]
        for _ in range(line.quantity):
            counts[draw(st.integers(0, 2))] += 1
        left, quantity = units, line.quantity
        for box, number in zip(boxes, counts, strict=True):
            if number:
                part = left if number == quantity else units * number // line.quantity
                left, quantity = left - part, quantity - number
                box.append(replace(line, amount=from_minor(part, whole.currency), quantity=number))
    parcels = tuple(Parcel(Place("DE"), tuple(box)) for box in boxes if box)
    return whole, replace(whole, parcels=parcels)


@settings(max_examples=300, deadline=None)
@given(packings())
def test_packing_changes_no_sum(pair: tuple[TaxBasket, TaxBasket]) -> None:
    whole, apart = (asked(question, ANYBODY) for question in pair)
    assert (whole.net, whole.tax, whole.gross) == (apart.net, apart.tax, apart.gross)
    assert whole.rates == apart.rates


def test_amounts_finer_than_the_currency_are_refused() -> None:
    question = basket(goods("10.5"), to="JP", ship_from="JP", currency="JPY")
    with pytest.raises(InexactAmount):
        asked(question)
