import pytest
from django.utils import translation

from markets.landed_cost.terms import DutyKind
from storefront.landed_words import cost_words, promise_words
from tests.markets.landed_cost.rows import MEXICO, ask, fee, goods, layer, parcel, rule


def test_each_duty_and_fee_is_named_by_what_it_is() -> None:
    layers = (
        layer("FR", "5"),
        layer("FR", "2", row="a", group="anti-dumping"),
        layer("FR", "3", row="b", group="excise"),
        layer("FR", "1", row="c", group="sec301"),
        layer("FR", "0", row="d", group="flat", kind=DutyKind.PER_HEADING, amount=3,
              currency="EUR"),
    )  # fmt: skip
    fees = (fee("FR", "2", "EUR"), fee("FR", "1", "EUR", kind="inspection", row="f"))

    answer = ask(parcel(goods()), rules=(rule("FR", "EUR"),), layers=layers, fees=fees)

    assert {cost_words(str(part.kind), part.code) for part in answer.components} == {
        "Customs duty", "Anti-dumping duty", "Excise duty", "Additional customs duty",
        "Customs duty for each type of goods", "Customs handling fee", "Import fee",
    }  # fmt: skip


def test_unknown_code_of_another_provider_is_named_by_its_kind() -> None:
    assert cost_words("duty", "their_code") == "Customs duty"
    assert cost_words("fee", "") == "Import fee"


@pytest.mark.parametrize(("tax", "words"), [("TVA", "Import tax (VAT)"), ("", "Import tax")])
def test_import_tax_has_the_name_that_the_reader_knows(tax: str, words: str) -> None:
    with translation.override("en"):
        assert cost_words("fee", "import_tax", tax=tax) == words


def test_promise_tells_apart_what_is_estimated_and_what_nobody_knows() -> None:
    assert promise_words("") == ""
    assert promise_words("ddp", {"seller_bears"}) == "All duties and taxes included"
    estimate = promise_words("dap", {"dap"})
    assert "estimate" in estimate
    assert promise_words("dap", {"no_rate"}).startswith(estimate)
    assert promise_words("dap", {"no_rate"}) != estimate
    assert "not known" in promise_words("dap", {"local_taxes"}, is_estimated=False)
    assert "None are expected" in promise_words("dap", {"dap"}, is_estimated=False)


def test_flat_rate_with_the_tax_inside_is_named_so() -> None:
    (part,) = ask(parcel(goods(), lane="DE MX", currency="USD"), rules=(MEXICO,)).components
    assert cost_words(str(part.kind), part.code) == "Import duty and tax"
