"""The figures of docs/algorithms/tax.md that duty has a part in, to the cent."""

from decimal import Decimal
from typing import Any

import pytest

from markets.landed_cost.terms import Basis, Formula
from markets.tax import Regime
from tests.markets.tax.law import (
    BRAZIL,
    EU_FLAT,
    asked,
    basket,
    duties,
    figures,
    goods,
    law,
    layer,
    registration,
)

D = Decimal
NET: dict[str, Any] = {"prices_include_tax": False}


def test_ioss_parcel_to_france_pays_vat_on_two_headings() -> None:
    """60 of goods, 5 of delivery, two HS6 headings: duty 6, VAT 20 % of 71, in all 85.20."""
    tables = law(registration("ioss", "NL"), duties=duties("FR", layers=[EU_FLAT]))
    lines = (
        goods("40", key="shirt", quantity=2, hs_code="610910"),
        goods("20", key="shoe", hs_code="640399"),
    )
    answer = asked(basket(*lines, to="FR", ship_from="GB", shipping=D("5"), **NET), tables)
    assert answer.parcels[0].regime is Regime.IOSS
    assert answer.parcels[0].terms == "ddp"
    assert figures(answer.components) == [
        ("goods", "40.00", "8.00"),
        ("goods", "20.00", "4.00"),
        ("shipping", "5.00", "1.00"),
        ("duty", "3.00", "0.60"),
        ("duty", "3.00", "0.60"),
    ]
    assert (answer.net, answer.tax, answer.gross) == (D("71"), D("14.20"), D("85.20"))
    assert {part.row for part in answer.components if part.kind == "duty"} == {EU_FLAT.row}


def test_import_to_great_britain_values_with_freight() -> None:
    """200 of goods, 20 of freight, duty 12 %: duty 26.40, VAT 49.28, landed 295.68."""
    tables = law(
        registration("uk_import", "GB"),
        duties=duties("GB", layers=[layer("GB", percent="12")], currency="GBP"),
    )
    question = basket(goods("200"), to="GB", shipping=D("20"), currency="GBP", **NET)
    answer = asked(question, tables)
    assert answer.parcels[0].regime is Regime.IMPORT_DDP
    assert figures(answer.components) == [
        ("goods", "200.00", "40.00"),
        ("shipping", "20.00", "4.00"),
        ("duty", "26.40", "5.28"),
    ]
    assert (answer.tax, answer.gross) == (D("49.28"), D("295.68"))
    assert answer.parcels[0].customs_value == D("220")


def test_import_to_ontario_values_without_freight() -> None:
    """200 FOB, duty 18 % = 36, HST 13 % of 236 = 30.68; freight bears no tax at the border."""
    tables = law(
        registration("gst", "CA"),
        duties=duties(
            "CA", basis=Basis.FOB, layers=[layer("CA", percent="18")], currency="CAD",
            formula=Formula.CANADA,
        ),
    )  # fmt: skip
    question = basket(goods("200"), to="CA-ON", shipping=D("15"), currency="CAD", **NET)
    answer = asked(question, tables)
    assert (answer.tax, answer.gross) == (D("30.68"), D("281.68"))
    assert [(part.tax, part.tax_name) for part in answer.components] == [
        (D("26.00"), "HST"),
        (D("0.00"), ""),
        (D("4.68"), "HST"),
    ]


@pytest.mark.parametrize(
    ("amount", "freight", "duty", "icms", "landed"),
    [("40", "5", "9.00", "11.06", "65.06"), ("90", "10", "40.00", "28.67", "168.67")],
)
def test_import_to_brazil_has_its_tax_inside(
    amount: str, freight: str, duty: str, icms: str, landed: str
) -> None:
    """ICMS of 17 % is of the sum with itself, and rounds once for the parcel."""
    tables = law(duties=duties("BR", formula=Formula.BRAZIL, factors=BRAZIL, currency="USD"))
    question = basket(goods(amount), to="BR", shipping=D(freight), currency="USD", **NET)
    answer = asked(question, tables)
    assert sum(part.net for part in answer.components if part.kind == "duty") == D(duty)
    assert (answer.tax, answer.gross) == (D(icms), D(landed))


def test_buyer_pays_the_border_where_the_lane_says_so() -> None:
    """The same parcel on a DAP lane: nothing of it is in the total, all of it is announced."""
    tables = law(duties=duties("GB", layers=[layer("GB", percent="12")], lane="dap"))
    answer = asked(basket(goods("200"), to="GB", shipping=D("20"), **NET), tables)
    assert answer.parcels[0].regime is Regime.IMPORT_DAP
    assert (answer.tax, answer.gross) == (D("0.00"), D("220.00"))
    assert figures(answer.due_on_delivery) == [("duty", "26.40", "0.00"), ("fee", "0.00", "49.28")]
    assert answer.notes[-1].code == "dap"


def test_price_with_tax_loses_it_where_the_buyer_pays_the_border() -> None:
    """240 and 24 shown with VAT: 200 and 20 to the seller, 44 of VAT and the duty's later."""
    tables = law(duties=duties("GB", layers=[layer("GB", percent="12")], lane="dap"))
    answer = asked(basket(goods("240"), to="GB", shipping=D("24")), tables)
    assert figures(answer.components) == [
        ("goods", "200.00", "0.00"),
        ("shipping", "20.00", "0.00"),
    ]
    assert figures(answer.due_on_delivery) == [("duty", "26.40", "0.00"), ("fee", "0.00", "49.28")]
    assert answer.parcels[0].customs_value == D("220")


def test_price_with_tax_keeps_its_amount_at_the_border() -> None:
    """264 shown for goods and delivery: 220 net, and duty on that comes on top with its VAT."""
    tables = law(
        registration("domestic", "GB"), duties=duties("GB", layers=[layer("GB", percent="12")])
    )
    answer = asked(basket(goods("240"), to="GB", shipping=D("24")), tables)
    assert figures(answer.components) == [
        ("goods", "200.00", "40.00"),
        ("shipping", "20.00", "4.00"),
        ("duty", "26.40", "5.28"),
    ]
    assert answer.gross == D("295.68")


def test_tax_free_parcel_to_japan_keeps_the_shown_price() -> None:
    tables = law(
        duties=duties("JP", formula=Formula.JAPAN, currency="JPY", tax_free_to=D(10000),
                      duty_free_to=D(10000))
    )  # fmt: skip
    free = asked(basket(goods("9000"), to="JP", currency="JPY"), tables)
    assert (free.net, free.tax, free.gross) == (D(9000), D(0), D(9000))
    taxed = asked(basket(goods("11000"), to="JP", currency="JPY"), tables)
    assert (taxed.net, taxed.tax, taxed.gross) == (D(10000), D(1000), D(11000))
