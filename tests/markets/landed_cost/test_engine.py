"""Duty and fees at a border: the worked examples, exact, and what may never happen."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from markets.landed_cost import CostKind, DutyAnswer, DutyNote
from markets.landed_cost.terms import (
    Basis,
    DutyKind,
    Factors,
    FeePer,
    Formula,
    LaneTerms,
)
from markets.money import quantise
from tests.markets.landed_cost.rows import (
    BRAZIL,
    FLAT,
    MEXICO,
    MEXICO_NEAR,
    ask,
    fee,
    goods,
    layer,
    parcel,
    rule,
)

D = Decimal
EU = rule("EU", "EUR")


def import_tax(answer: DutyAnswer, percent: str, currency: str) -> Decimal:
    """Reckon the tax as the answer says, the way the tax engine does."""
    if answer.tax_free:
        return quantise(D(0), currency)
    rate = Fraction(D(percent)) / 100
    share = rate / (1 - rate) if answer.tax_inside else rate
    return quantise(Fraction(answer.tax_base) * share * Fraction(answer.tax_factor), currency)


def test_two_shirts_and_one_shoe_to_france_are_two_headings() -> None:
    answer = ask(
        parcel(
            goods("red", "15", hs_code="610910"),
            goods("blue", "15", hs_code="61091000"),
            goods("shoe", "30", hs_code="640399"),
            scheme="ioss",
            freight=D(5),
        ),
        rules=(EU,),
        layers=(FLAT, layer("EU", "12")),
    )
    (duty,) = answer.components
    assert (duty.amount, duty.row, duty.taxable_base) == (D(6), "dutyrate:flat", D(6))
    assert duty.shares == (("red", D("1.50")), ("blue", D("1.50")), ("shoe", D("3.00")))
    assert answer.tax_base == D("71.00")
    assert import_tax(answer, "20", "EUR") == D("14.20")
    assert D(65) + answer.duty + D("14.20") == D("85.20")
    assert dict(answer.tax_base_shares) == {
        "red": D("17.75"), "blue": D("17.75"), "shoe": D("35.50"),
    }  # fmt: skip


def test_flat_duty_ends_above_its_value_and_the_tariff_takes_over() -> None:
    def duty(amount: str) -> Decimal:
        return ask(
            parcel(goods(amount=amount), freight=D(10)), rules=(EU,),
            layers=(FLAT, layer("EU", "12")),
        ).duty  # fmt: skip

    assert duty("150") == D("3.00")
    assert duty("150.01") == D("19.20")  # 12 % of 160.01 with its freight.


def test_flat_duty_may_be_kept_to_one_scheme() -> None:
    layers = (replace(FLAT, scheme="ioss"), layer("EU", "12"))
    with_scheme = ask(parcel(goods(), scheme="ioss"), rules=(EU,), layers=layers)
    without = ask(parcel(goods()), rules=(EU,), layers=layers)
    assert (with_scheme.duty, without.duty) == (D("3.00"), D("12.00"))


def test_united_kingdom_example_above_the_limit() -> None:
    uk = rule("GB", "GBP", duty_free_to=D(135))
    answer = ask(
        parcel(goods(amount="200"), lane="US GB", currency="GBP", freight=D(20)),
        rules=(uk,), layers=(layer("GB", "12"),),
    )  # fmt: skip
    assert (answer.customs_value, answer.duty) == (D(220), D("26.40"))
    tax = import_tax(answer, "20", "GBP")
    assert tax == D("49.28")
    assert D(220) + answer.duty + tax == D("295.68")


@pytest.mark.parametrize(("amount", "duty"), [("135.00", "0"), ("135.01", "16.20")])
def test_united_kingdom_limit_is_of_the_goods_alone(amount: str, duty: str) -> None:
    uk = rule("GB", "GBP", duty_free_to=D(135))
    answer = ask(
        parcel(goods(amount=amount), lane="US GB", currency="GBP", insurance=D(0)),
        rules=(uk,), layers=(layer("GB", "12"),),
    )  # fmt: skip
    assert answer.duty == D(duty)
    assert answer.duty_free is (duty == "0")
    assert not answer.tax_free


def test_canada_example_and_its_three_limits() -> None:
    anywhere = rule("CA", "CAD", basis=Basis.FOB, formula=Formula.CANADA, duty_free_to=D(20),
                    tax_free_to=D(20))  # fmt: skip
    near = rule("CA", "CAD", row="importrule:near", origins=frozenset({"US", "MX"}),
                basis=Basis.FOB, formula=Formula.CANADA, duty_free_to=D(150),
                tax_free_to=D(40))  # fmt: skip

    def to_canada(amount: str, lane: str = "GB CA") -> DutyAnswer:
        return ask(
            parcel(goods(amount=amount), lane=lane, currency="CAD", freight=D(30)),
            rules=(anywhere, near), layers=(layer("CA", "18"),),
        )  # fmt: skip

    answer = to_canada("200")
    assert (answer.customs_value, answer.duty, answer.tax_base) == (D(200), D(36), D(236))
    assert import_tax(answer, "13", "CAD") == D("30.68")
    frees = {
        (amount, lane): (to_canada(amount, lane).duty_free, to_canada(amount, lane).tax_free)
        for amount, lane in [
            ("20", "GB CA"), ("20.01", "GB CA"), ("40", "US CA"), ("40.01", "US CA"),
            ("150", "MX CA"), ("150.01", "MX CA"),
        ]
    }  # fmt: skip
    assert list(frees.values()) == [
        (True, True), (False, False), (True, True), (True, False), (True, False), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "freight", "duty", "tax", "landed"),
    [("40", "5", "9.00", "11.06", "65.06"), ("90", "10", "40.00", "28.67", "168.67")],
)
def test_brazil_examples(amount: str, freight: str, duty: str, tax: str, landed: str) -> None:
    answer = ask(
        parcel(goods(amount=amount), lane="NL BR", currency="USD", freight=D(freight)),
        rules=(BRAZIL,),
    )
    assert answer.duty == D(duty)
    assert answer.components[0].row == "importrule:BR"
    assert import_tax(answer, "17", "USD") == D(tax)
    assert answer.customs_value + answer.duty + D(tax) == D(landed)


def test_brazil_above_the_simplified_procedure_falls_back_and_says_so() -> None:
    answer = ask(parcel(goods(amount="3000.01"), lane="NL BR", currency="USD"), rules=(BRAZIL,))
    assert (answer.duty, answer.notes) == (D(0), (DutyNote.ABOVE_FORMULA, DutyNote.NO_RATE))
    assert not answer.duty_free


@pytest.mark.parametrize(
    ("lane", "amount", "duty"),
    [
        ("DE MX", "50", "16.75"), ("DE MX", "2500", "837.50"), ("US MX", "50", "0"),
        ("US MX", "50.01", "8.50"), ("CA MX", "117", "19.89"), ("US MX", "117.01", "22.23"),
    ],
)  # fmt: skip
def test_mexico_takes_one_flat_rate_by_where_it_is_sent_from(
    lane: str, amount: str, duty: str
) -> None:
    answer = ask(
        parcel(goods(amount=amount), lane=lane, currency="USD"), rules=(MEXICO, MEXICO_NEAR)
    )
    assert answer.duty == D(duty)
    assert answer.tax_free  # The flat rate has the tax inside.


def test_japan_values_a_personal_import_at_sixty_percent() -> None:
    japan = rule(
        "JP", "JPY", formula=Formula.JAPAN, duty_free_to=D(10000), tax_free_to=D(10000),
        limits_on_customs_value=True, never_free=("42", "61"),
        factors=Factors(value_factor=D("0.6")),
    )  # fmt: skip

    def to_japan(amount: str, hs_code: str = "691200") -> DutyAnswer:
        return ask(
            parcel(goods(amount=amount, hs_code=hs_code), lane="NL JP", currency="JPY"),
            rules=(japan,), layers=(layer("JP", "10"),),
        )  # fmt: skip

    free, due = to_japan("16667"), to_japan("16668")
    assert (free.customs_value, free.duty_free, free.tax_free) == (D(10000), True, True)
    assert (due.customs_value, due.duty, due.tax_free) == (D(10001), D(1000), False)
    assert (due.tax_base, import_tax(due, "10", "JPY")) == (D(11001), D(1100))
    knitted = to_japan("10000", "610910")
    assert (knitted.duty, knitted.tax_free) == (D(600), False)


def test_china_takes_seventy_percent_of_the_tax_and_no_duty() -> None:
    china = rule("CN", "CNY", formula=Formula.CHINA,
                 factors=Factors(tax_factor=D("0.7"), value_to=D(5000)))  # fmt: skip
    asked = parcel(goods(amount="1000"), lane="DE CN", currency="CNY")
    answer = ask(asked, rules=(china,), layers=(layer("CN", "20"),))
    assert (answer.duty, answer.tax_factor) == (D(0), D("0.7"))
    assert import_tax(answer, "13", "CNY") == D("91.00")
    above = ask(parcel(goods(amount="5000.01"), lane="DE CN", currency="CNY"), rules=(china,),
                layers=(layer("CN", "20"),))  # fmt: skip
    assert (above.duty, above.tax_factor) == (D("1000.00"), D(1))
    assert DutyNote.ABOVE_FORMULA in above.notes


def test_australia_values_free_on_board_but_taxes_the_freight() -> None:
    australia = rule("AU", "AUD", basis=Basis.FOB, tax_basis=Basis.CIF, duty_free_to=D(1000))
    answer = ask(
        parcel(goods(amount="2000"), lane="DE AU", currency="AUD", freight=D(100)),
        rules=(australia,), layers=(layer("AU", "5"),),
    )  # fmt: skip
    assert (answer.duty, answer.tax_base) == (D(100), D(2200))


def us(*extra: object, origin: str = "CN", hs_code: str = "732393") -> DutyAnswer:
    america = rule("US", "USD", basis=Basis.FOB)
    layers = (
        layer("US", "2", row="mfn"),
        layer("US", "25", row="301", group="sec301", origin="CN"),
        layer("US", "50", row="232", group="sec232", hs_prefix="73"),
        layer("US", "10", row="122", group="sec122", no_stack_with=frozenset({"sec232"})),
        *extra,
    )
    return ask(
        parcel(goods(origin=origin, hs_code=hs_code), lane="DE US", currency="USD",
               freight=D(40)),
        rules=(america,), layers=layers,
    )  # fmt: skip


def test_united_states_stack_layers_and_a_surcharge_gives_way() -> None:
    found = {part.row: part.amount for part in us().components}
    assert found == {"mfn": D(2), "301": D(25), "232": D(50)}
    found = {part.row: part.amount for part in us(hs_code="610910", origin="DE").components}
    assert found == {"mfn": D(2), "122": D(10)}


def test_surcharge_does_not_give_way_to_a_layer_that_takes_nothing() -> None:
    excluded = layer("US", "0", row="232-0", group="sec232", hs_prefix="7323")
    assert {part.row for part in us(excluded).components} == {"mfn", "301", "122"}


def test_layers_that_exclude_each_other_leave_one() -> None:
    other = layer("US", "7", row="x", group="x", no_stack_with=frozenset({"y"}))
    another = layer("US", "9", row="y", group="y", no_stack_with=frozenset({"x"}))
    rows = {part.row for part in us(other, another).components}
    assert len(rows & {"x", "y"}) == 1


def test_nearest_row_of_a_group_counts() -> None:
    layers = (
        layer("EU", "4", row="all"), layer("EU", "12", row="61", hs_prefix="61"),
        layer("EU", "9", row="6109", hs_prefix="6109"),
        layer("EU", "0", row="agreement", hs_prefix="6109", origin="JP"),
    )  # fmt: skip

    def rows(**fields: str) -> list[str]:
        answer = ask(parcel(goods(amount="500", **fields)), rules=(EU,), layers=layers)
        return [part.row for part in answer.components]

    assert rows(hs_code="851830") == ["all"]
    assert rows(hs_code="611030") == ["61"]
    assert rows(hs_code="610910", origin="CN") == ["6109"]
    assert rows(hs_code="610910", origin="JP") == []  # The agreement's rate is nothing.


def test_specific_duty_counts_units_and_a_least_duty_holds() -> None:
    by_unit = layer("EU", kind=DutyKind.PER_UNIT, amount=D("0.40"), currency="GBP")
    answer = ask(parcel(goods(quantity=3, amount="300")), rules=(EU,), layers=(by_unit,))
    assert answer.duty == D("1.50")
    least = layer("EU", "1", amount=D(5), currency="EUR")
    assert ask(parcel(goods(amount="300")), rules=(EU,), layers=(least,)).duty == D(5)
    assert ask(parcel(goods(amount="700")), rules=(EU,), layers=(least,)).duty == D(7)


def test_national_fees_end_where_the_union_takes_its_own() -> None:
    france = fee("FR", "2", "EUR", per=FeePer.HEADING, value_to=D(150), gives_way=True)
    union = fee("EU", "2", "EUR", per=FeePer.HEADING, row="importfee:EU", value_to=D(150))
    asked = parcel(goods("a"), goods("b", "20", hs_code="640399"))

    def rows(*fees: object) -> list[tuple[str, Decimal]]:
        answer = ask(asked, rules=(EU,), layers=(FLAT,), fees=fees)
        return [(p.row, p.amount) for p in answer.components if p.kind is CostKind.FEE]

    assert rows(france) == [("importfee:FR", D(4))]
    assert rows(france, union) == [("importfee:EU", D(4))]


def test_fee_of_a_parcel_is_taken_once_and_in_its_currency() -> None:
    romania = fee("RO", "25", "RON", value_to=D(750))
    answer = ask(parcel(goods("a"), goods("b", "20"), lane="GB RO"), rules=(EU,),
                 layers=(FLAT,), fees=(romania,))  # fmt: skip
    assert answer.fees == D("5.00")
    assert answer.tax_base_additions == D("3.00")  # The fee is not taxed.
    dear = ask(parcel(goods("a", "150.01"), lane="GB RO"), rules=(EU,), layers=(FLAT,),
               fees=(romania,))  # fmt: skip
    assert dear.fees == D(0)


def test_carrier_clears_where_something_is_owed_and_the_nearest_lane_says_what() -> None:
    lanes = (
        LaneTerms("incoterm:1", "dap", clearance_fee=D(12), currency="EUR"),
        LaneTerms("incoterm:2", "ddp", destination="FR", clearance_fee=D(4), currency="EUR",
                  clearance_taxable=True),
    )  # fmt: skip
    answer = ask(parcel(goods()), rules=(EU,), layers=(FLAT,), lanes=lanes)
    assert answer.lane == lanes[1]
    assert [(p.kind, p.amount) for p in answer.components] == [
        (CostKind.DUTY, D(3)), (CostKind.CLEARANCE, D(4)),
    ]  # fmt: skip
    assert answer.tax_base == D(107)
    free = rule("EU", "EUR", duty_free_to=D(150))
    paid = ask(parcel(goods(), scheme="ioss"), rules=(free,), lanes=lanes)
    assert (paid.lane, paid.components) == (lanes[1], ())


def test_inside_a_customs_union_nothing_is_owed() -> None:
    answer = ask(parcel(goods(), lane="NL FR", freight=D(5)), rules=(EU,), layers=(FLAT,),
                 fees=(fee("FR", "2", "EUR"),))  # fmt: skip
    assert (answer.components, answer.tax_base, answer.notes) == ((), D(105), ())


def test_what_is_not_known_is_said() -> None:
    nowhere = ask(parcel(goods(), lane="DE SG"))
    assert nowhere.notes == (DutyNote.NO_RULE, DutyNote.NO_RATE)
    assert not nowhere.is_duty_known
    unrated = ask(parcel(goods(amount="400")), rules=(EU,))
    assert (unrated.notes, unrated.duty_free) == ((DutyNote.NO_RATE,), False)
    surcharge = (layer("EU", "5", row="all"), layer("EU", "30", row="cn", origin="CN"))
    guessed = ask(parcel(goods(amount="400")), rules=(EU,), layers=surcharge)
    assert guessed.notes == (DutyNote.NO_ORIGIN,)
    assert ask(parcel(goods(origin="CN")), rules=(EU,), layers=surcharge).notes == ()
    bare = ask(
        parcel(goods("a", "20", hs_code=""), goods("b", "20", hs_code="")),
        rules=(EU,), layers=(FLAT,),
    )  # fmt: skip
    assert (bare.duty, bare.notes) == (D(6), (DutyNote.NO_HS_CODE,))


def test_goods_that_make_no_sense_are_refused() -> None:
    for lines in (
        [goods(amount="-1")], [goods(quantity=0)], [goods("a"), goods("a")],
    ):  # fmt: skip
        with pytest.raises(ValueError, match="goods"):
            ask(parcel(*lines), rules=(EU,))
