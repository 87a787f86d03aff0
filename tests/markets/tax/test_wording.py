from decimal import Decimal

import pytest
from hypothesis import given, settings

from markets.landed_cost.terms import DutyNote
from markets.tax import Note, Regime, TaxBasket, TaxTables
from markets.tax.wording import note_words, regime_words, trace_words
from tests.markets.tax.law import asked, basket, goods, law, registration
from tests.markets.tax.test_invariants import baskets, laws


@settings(max_examples=150, deadline=None)
@given(baskets(), laws)
def test_every_step_and_note_has_words(question: TaxBasket, tables: TaxTables) -> None:
    answer = asked(question, tables)
    for parcel in answer.parcels:
        for step, words in zip(parcel.trace, trace_words(parcel), strict=True):
            assert words != f"{step.rule}: {step.why}"
            assert words
    for note in answer.notes:
        assert note_words(note) != note.code


@pytest.mark.parametrize("regime", Regime)
def test_every_regime_has_a_name(regime: Regime) -> None:
    assert str(regime_words(regime))


@pytest.mark.parametrize("note", DutyNote)
def test_every_note_of_duty_has_words(note: DutyNote) -> None:
    assert note_words(Note(str(note))) != note


def test_trace_tells_why_a_parcel_is_no_small_consignment() -> None:
    tables = law(registration("uk_import", "GB"))
    question = basket(goods("200"), to="GB", currency="GBP", prices_include_tax=False)
    (parcel,) = asked(question, tables).parcels
    assert trace_words(parcel) == [
        "GB: inside the tax territory.",
        "Sent from DE to GB: not domestic.",
        "There is a border between DE and GB.",
        "Worth 200, above the limit of 135 GBP (uk_import).",
        "Duty and tax are assessed at the border.",
    ]


def test_unknown_code_of_another_provider_stands_for_itself() -> None:
    assert note_words(Note("their_code", (("amount", str(Decimal(1))),))) == "their_code"
