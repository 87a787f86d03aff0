"""Duty that may be due and that no row has a rate for is promised to nobody unnoticed."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from markets.landed_cost.terms import DutyTables, LaneTerms
from markets.tax import NoDutyRate, NoTaxRate, Note, Regime, TaxAnswer
from tests.markets.tax.law import asked, basket, duties, goods, law, layer, registration

D = Decimal


def lanes(unknown_duty: str, *, terms: str = "ddp") -> Mapping[str, DutyTables]:
    """Give a British rule with a limit of 135 GBP and no rate above it, on one lane."""
    lane = LaneTerms(row="incotermrule:1", terms=terms, unknown_duty=unknown_duty)
    (tables,) = duties("GB", currency="GBP", duty_free_to=D(135)).values()
    return {"GB": replace(tables, lanes=(lane,))}


def to_britain(amount: str, tables: Mapping[str, DutyTables], hs_code: str = "") -> TaxAnswer:
    question = basket(
        goods(amount, hs_code=hs_code), to="GB", ship_from="NL", currency="GBP",
        prices_include_tax=False, shipping=D(20),
    )  # fmt: skip
    return asked(question, law(registration("domestic", "NL"), duties=tables))


def test_unknown_duty_falls_back_to_the_buyer_with_an_estimate_that_says_so() -> None:
    answer = to_britain("200", lanes("dap"))
    (parcel,) = answer.parcels
    assert (parcel.regime, parcel.terms) == (Regime.IMPORT_DAP, "dap")
    assert answer.gross == D(220)
    assert [(part.code, part.tax) for part in answer.due_on_delivery] == [("import_tax", D(44))]
    assert {note.code for note in answer.notes} >= {"no_rate", "dap"}
    assert Note("ddp") not in answer.notes
    assert ("terms", False, "duty_unknown") in [
        (step.rule, step.held, step.why) for step in parcel.trace
    ]


def test_seller_may_bear_what_is_not_known_and_the_answer_says_so() -> None:
    answer = to_britain("200", lanes("bear"))
    assert (answer.parcels[0].regime, answer.parcels[0].terms) == (Regime.IMPORT_DDP, "ddp")
    assert {note.code for note in answer.notes} >= {"no_rate", "seller_bears", "ddp"}
    assert answer.gross == D(264)
    assert answer.parcels[0].trace[-1].why == "seller_bears"


def test_goods_of_unknown_duty_may_be_not_sold_there() -> None:
    with pytest.raises(NoDutyRate, match="GB") as error:
        to_britain("200", lanes("refuse"))
    assert isinstance(error.value, NoTaxRate)


@pytest.mark.parametrize("choice", ["dap", "bear", "refuse"])
def test_known_duty_is_promised_whatever_the_choice(choice: str) -> None:
    free = to_britain("100", lanes(choice))
    assert free.parcels[0].terms == "ddp"
    rated = {
        "GB": replace(lanes(choice)["GB"], layers=(layer("GB", percent="12", hs_prefix="6109"),))
    }
    dear = to_britain("200", rated, hs_code="610910")
    assert (dear.parcels[0].terms, "no_rate" in {n.code for n in dear.notes}) == ("ddp", False)


@pytest.mark.parametrize("choice", ["bear", "refuse"])
def test_lane_on_which_the_buyer_pays_stays_as_it_is(choice: str) -> None:
    answer = to_britain("200", lanes(choice, terms="dap"))
    assert answer.parcels[0].terms == "dap"
    assert "no_rate" in {note.code for note in answer.notes}


def test_scheme_of_the_seller_promises_no_duty_that_is_not_known() -> None:
    (tables,) = duties("NO", currency="NOK").values()
    voec = law(registration("no_voec", "NO"), duties={"NO": tables})
    question = basket(goods("100", hs_code="610910"), to="NO", ship_from="DE")
    answer = asked(question, voec)
    (parcel,) = answer.parcels
    assert (parcel.regime, parcel.terms) == (Regime.LOW_VALUE_SCHEME, "dap")
    assert (answer.gross, answer.tax) == (D(100), D(20))


def test_territory_outside_is_told_that_its_own_taxes_may_be_due() -> None:
    answer = asked(basket(goods("119"), to="ES--35001", ship_from="DE"), law())
    assert (answer.parcels[0].regime, answer.parcels[0].terms) == (Regime.EXPORT, "dap")
    assert {note.code for note in answer.notes} >= {"local_taxes", "dap"}
    assert answer.due_on_delivery == ()
