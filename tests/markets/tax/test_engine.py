from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from markets.tax import Buyer, CategoryExemption, Goods, Parcel, Place, Registration, TaxAnswer
from tests.markets.tax.law import (
    GST,
    PST,
    TABLES,
    asked,
    basket,
    figures,
    goods,
    law,
    rate,
    registration,
)

D = Decimal
USA: dict[str, Any] = {"ship_from": "US-NJ", "currency": "USD", "prices_include_tax": False}
STATES: tuple[Registration, ...] = tuple(
    registration("sales_tax", "US", state) for state in ("NY", "MA", "CA", "TX")
)
CAPS = (
    CategoryExemption("US", "NY", "clothing", "exempt_below", D(110), "USD"),
    CategoryExemption("US", "MA", "clothing", "above_only", D(175), "USD"),
    CategoryExemption("US", "TX", "clothing", "exempt_up_to", D(110), "USD"),
    CategoryExemption("US", "CA", "clothing", "exempt"),
)


def split_over(*parcels: tuple[Goods, ...], **fields: Any) -> TaxAnswer:
    packed = tuple(Parcel(Place("DE"), lines) for lines in parcels)
    return asked(basket(parcels=packed, **fields))


def test_canadian_taxes_stand_side_by_side() -> None:
    tables = law(registration("gst", "CA"))
    canada: dict[str, Any] = {"ship_from": "CA-ON", "currency": "CAD", "prices_include_tax": False}
    (part,) = asked(basket(goods("99.99"), to="CA-BC", **canada), tables).components
    assert (part.percent, part.tax_name, part.tax) == (D(12), "GST + PST", D("12.00"))
    assert part.row == f"taxrate:{GST.id}+taxrate:{PST.id}"
    assert [(tax.name, tax.percent, tax.tax) for tax in part.parts] == [
        ("GST", D(5), D("5.00")),
        ("PST", D(7), D("7.00")),
    ]
    (part,) = asked(basket(goods("99.99"), to="CA-QC", **canada), tables).components
    assert [(tax.name, tax.tax) for tax in part.parts] == [("GST", D("5.00")), ("QST", D("9.97"))]
    (part,) = asked(basket(goods("99.99"), to="CA-ON", **canada), tables).components
    assert (part.tax_name, part.tax, part.parts) == ("HST", D("13.00"), ())


def test_two_taxes_inside_a_price_never_exceed_it() -> None:
    steep = replace(
        TABLES, rates=(rate("KW", "60"), added := rate("KW", "60", region="X", name="Other")),
        adding=frozenset({added.id}),
    )  # fmt: skip
    question = basket(goods("1"), to="KW-X", ship_from="KW", currency="JPY")
    (part,) = asked(question, steep).components
    assert (part.net, part.tax, sum(tax.tax for tax in part.parts)) == (D(0), D(1), D(1))


@pytest.mark.parametrize(
    ("state", "price", "tax"),
    [
        ("NY", "109.99", "0.00"),
        ("NY", "110.00", "13.20"),
        ("MA", "175.00", "0.00"),
        ("MA", "175.16", "0.03"),
        ("MA", "275.00", "18.75"),
        ("TX", "110.00", "0.00"),
        ("TX", "110.01", "20.63"),
        ("CA", "900.00", "0.00"),
    ],
)
def test_clothing_is_exempt_by_the_price_of_one_item(state: str, price: str, tax: str) -> None:
    tables = law(*STATES, exemptions=CAPS)
    three = goods(str(D(price) * 3), quantity=3, category="clothing")
    answer = asked(basket(three, to=f"US-{state}", **USA), tables)
    assert answer.tax == D(tax)


def test_delivery_is_exempt_or_taxed_as_the_state_says() -> None:
    tables = law(*STATES)
    taxed = asked(basket(goods("100"), to="US-NY", shipping=D("10"), **USA), tables)
    assert figures(taxed.components) == [("goods", "100.00", "4.00"), ("shipping", "10.00", "0.40")]
    exempt = asked(basket(goods("100"), to="US-CA", shipping=D("10"), **USA), tables)
    assert figures(exempt.components) == [
        ("goods", "100.00", "7.25"),
        ("shipping", "10.00", "0.00"),
    ]


def test_delivery_follows_the_mix_of_the_goods() -> None:
    lines = (goods("75", key="1"), goods("25", key="2", category="books"))
    answer = asked(basket(*lines, shipping=D("4.99")))
    shipping = [part for part in answer.components if part.kind == "shipping"]
    assert sorted((part.percent, part.gross, part.tax) for part in shipping) == [
        (D(7), D("1.25"), D("0.08")),
        (D(19), D("3.74"), D("0.60")),
    ]


def test_free_goods_share_delivery_by_their_number() -> None:
    answer = asked(basket(goods("0"), shipping=D("4.90")))
    assert figures(answer.components) == [("goods", "0.00", "0.00"), ("shipping", "4.12", "0.78")]


def test_delivery_without_goods_is_refused() -> None:
    with pytest.raises(ValueError, match="without goods"):
        asked(basket(parcels=(), shipping=D("4.90")))


def test_tax_rounds_per_line_per_rate_or_per_unit() -> None:
    """Three lines of 0.33 net at 19 %: 0.0627 each."""
    lines = [goods("0.33", key=str(n)) for n in range(3)]
    net = basket(*lines, prices_include_tax=False)
    assert asked(replace(net, rounding="line")).tax == D("0.18")
    assert asked(replace(net, rounding="rate_group")).tax == D("0.19")
    many = basket(goods("9.90", quantity=30), prices_include_tax=False)
    assert asked(replace(many, rounding="line")).tax == D("1.88")
    assert asked(replace(many, rounding="unit")).tax == D("1.80")


def test_japan_rounds_once_for_each_rate() -> None:
    lines = [goods("105", key=str(n)) for n in range(3)]
    lines += [goods("108", key=f"f{n}", category="food") for n in range(3)]
    question = basket(
        *lines, to="JP", ship_from="JP", currency="JPY", rounding="rate_group",
        tax_mode="gross_fixed",
    )  # fmt: skip
    answer = asked(question)
    assert [(str(total.percent), str(total.tax)) for total in answer.rates] == [
        ("10", "29"),
        ("8", "24"),
    ]


def test_same_gross_everywhere_lets_the_net_float() -> None:
    tables = law(registration("union_oss", "DE"), registration("domestic", "DE"))
    for to, tax in (("DE", "15.97"), ("FR", "16.67"), ("HU", "21.26")):
        answer = asked(basket(goods("100"), to=to), tables)
        assert (answer.gross, answer.tax) == (D("100.00"), D(tax))


def test_same_net_everywhere_lets_the_gross_float() -> None:
    tables = law(registration("union_oss", "DE"), registration("domestic", "DE"))
    for to, gross, tax in (("DE", "119.00", "19.00"), ("FR", "120.00", "20.00"),
                           ("HU", "127.00", "27.00")):  # fmt: skip
        answer = asked(basket(goods("119"), to=to, tax_mode="net_fixed"), tables)
        assert (answer.gross, answer.tax) == (D(gross), D(tax))
    outside = basket(goods("119"), to=Place("FR", postal_code="97100"), tax_mode="net_fixed")
    assert (asked(outside, tables).gross, asked(outside, tables).tax) == (D("100.00"), D("0.00"))


def test_price_with_tax_loses_it_where_the_buyer_owes_it() -> None:
    tables = law(registration("union_oss", "DE"), registration("domestic", "DE"))
    business = Buyer(True, "FR40303265045", "FR", tax_id_valid=True)
    question = basket(goods("120"), to="FR", shipping=D("6"), buyer=business)
    assert figures(asked(question, tables).components) == [
        ("goods", "100.00", "0.00"),
        ("shipping", "5.00", "0.00"),
    ]
    island = Place("FR", postal_code="97100")
    assert asked(basket(goods("120"), to=island), tables).gross == D("100.00")


def test_what_is_shown_at_home_stands_also_where_the_net_is_fixed() -> None:
    for cents in range(1, 400):
        amount = D(cents) / 100
        answer = asked(basket(goods(str(amount)), tax_mode="net_fixed"))
        assert answer.gross == amount


@pytest.mark.parametrize("rounding", ["line", "rate_group", "unit"])
def test_packing_changes_no_sum(rounding: Any) -> None:
    """A line of three in one parcel, or in three with its amount shared out."""
    whole = split_over(
        (goods("9.98", quantity=3), goods("5.01", key="2", category="books")),
        shipping=D("4.99"), rounding=rounding,
    )  # fmt: skip
    apart = split_over(
        (goods("3.33"),), (goods("3.33"), goods("5.01", key="2", category="books")),
        (goods("3.32"),), shipping=D("4.99"), rounding=rounding,
    )  # fmt: skip
    assert (whole.net, whole.tax, whole.gross) == (apart.net, apart.tax, apart.gross)
    assert whole.rates == apart.rates


def test_each_component_names_the_row_behind_it() -> None:
    rows = {part.row for part in asked(basket(goods("10"), shipping=D("5"))).components}
    assert rows == {f"taxrate:{TABLES.rates[0].id}"}
