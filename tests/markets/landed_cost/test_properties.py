"""What holds for every parcel: by Hypothesis."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from markets.landed_cost import CustomsGoods, CustomsParcel, DutyAnswer
from markets.landed_cost.terms import (
    Basis,
    DutyKind,
    DutyLayer,
    Factors,
    FeePer,
    Formula,
    ImportTerms,
)
from markets.money import exponent
from tests.markets.landed_cost.rows import (
    BRAZIL,
    FLAT,
    MEXICO,
    MEXICO_NEAR,
    At,
    ask,
    fee,
    layer,
    parcel,
    rule,
)

D = Decimal
CODES = ("610910", "61091000", "640399", "732393", "420222", "")
CURRENCIES = ("EUR", "JPY", "KWD", "USD")
RULES: tuple[tuple[ImportTerms, ...], ...] = (
    (rule("EU", "EUR"),),
    (rule("EU", "EUR", basis=Basis.FOB, duty_free_to=D(150), tax_free_to=D(20)),),
    (replace(BRAZIL, destination="EU"),),
    (replace(MEXICO, destination="EU"), replace(MEXICO_NEAR, destination="EU")),
    (rule("EU", "JPY", formula=Formula.JAPAN, duty_free_to=D(10000),
          limits_on_customs_value=True, never_free=("61",),
          factors=Factors(value_factor=D("0.6"))),),
    (rule("EU", "EUR", formula=Formula.CHINA,
          factors=Factors(tax_factor=D("0.7"), value_to=D(600))),),
    (),
)  # fmt: skip

amounts = st.integers(0, 400_000)


@st.composite
def layers(draw: st.DrawFn) -> tuple[DutyLayer, ...]:
    groups = ("tariff", "s1", "s2", "s3")
    flat = (FLAT,) if draw(st.booleans()) else ()
    return flat + tuple(
        layer(
            "EU",
            str(draw(st.integers(0, 60))),
            row=f"dutyrate:{number}",
            kind=draw(st.sampled_from(list(DutyKind))),
            group=draw(st.sampled_from(groups)),
            hs_prefix=draw(st.sampled_from(("", "61", "6109", "640399"))),
            origin=draw(st.sampled_from(("", "CN", "GB", "EU"))),
            amount=D(draw(st.integers(0, 500))) / 100,
            currency="EUR",
            no_stack_with=frozenset(draw(st.sets(st.sampled_from(groups)))),
        )
        for number in range(draw(st.integers(0, 5)))
    )


@st.composite
def parcels(draw: st.DrawFn) -> CustomsParcel:
    currency = draw(st.sampled_from(CURRENCIES))

    def money() -> Decimal:
        return D(draw(amounts)).scaleb(-exponent(currency))

    lines = tuple(
        CustomsGoods(
            key=f"line-{number}",
            amount=money(),
            quantity=draw(st.integers(1, 9)),
            hs_code=draw(st.sampled_from(CODES)),
            origin=draw(st.sampled_from(("", "CN", "JP", "FR"))),
        )
        for number in range(draw(st.integers(1, 6)))
    )
    return parcel(
        *lines, lane=draw(st.sampled_from(("GB FR", "US FR", "CN DE"))), currency=currency,
        freight=money(), insurance=money(), scheme=draw(st.sampled_from(("", "ioss"))),
    )  # fmt: skip


fees = st.sampled_from([
    (),
    (fee("FR", "2", "EUR", per=FeePer.HEADING, gives_way=True), fee("EU", "1.5", "EUR")),
    (fee("FR", "25", "RON", per=FeePer.LINE, taxable=True, value_to=D(150),
         value_currency="EUR"),),
])  # fmt: skip


@given(asked=parcels(), rules=st.sampled_from(RULES), layers=layers(), fees=fees)
def test_answer_is_never_negative_balances_and_repeats(
    asked: CustomsParcel, rules: object, layers: object, fees: object
) -> None:
    answer = ask(asked, rules=rules, layers=layers, fees=fees)
    unit = D(1).scaleb(-exponent(asked.currency))
    keys = [line.key for line in asked.goods]
    for part in answer.components:
        assert part.amount >= 0
        assert part.amount % unit == 0
        assert part.row
        assert sum(share for _key, share in part.shares) == part.amount
        assert all(share >= 0 for _key, share in part.shares)
        assert {key for key, _share in part.shares} <= set(keys)
        assert part.taxable_base in (0, part.amount)
    assert [key for key, _share in answer.tax_base_shares] == keys
    assert sum(share for _key, share in answer.tax_base_shares) == answer.tax_base
    assert (
        answer.tax_base
        >= answer.tax_base_additions
        == sum(part.taxable_base for part in answer.components)
    )
    assert ask(asked, rules=rules, layers=layers, fees=fees) == answer


@given(asked=parcels(), more=amounts, percent=st.integers(0, 60))
def test_duty_of_a_layer_grows_with_the_value(
    asked: CustomsParcel, more: int, percent: int
) -> None:
    unit = D(1).scaleb(-exponent(asked.currency))
    first = asked.goods[0]
    dearer = replace(
        asked, goods=(replace(first, amount=first.amount + more * unit), *asked.goods[1:])
    )

    def duty(one: CustomsParcel, least: int) -> Decimal:
        rate = layer("EU", str(percent), amount=D(least), currency="EUR")
        return ask(one, rules=RULES[0], layers=(rate,)).duty

    assert duty(dearer, 0) >= duty(asked, 0)
    # A least duty is each line's, and freight is shared out by value: so without freight.
    dearer = replace(dearer, freight=D(0), insurance=D(0))
    assert duty(dearer, 1) >= duty(replace(asked, freight=D(0), insurance=D(0)), 1)


@given(asked=parcels(), more=amounts)
def test_duty_of_a_formula_grows_with_the_value(asked: CustomsParcel, more: int) -> None:
    """Brazil's bands meet: no parcel gets cheaper by being worth more."""
    asked = replace(asked, currency="USD", goods=tuple(
        replace(line, amount=line.amount.quantize(D("0.01"))) for line in asked.goods[:1]
    ), freight=D(0), insurance=D(0))  # fmt: skip
    dearer = replace(asked, goods=(replace(asked.goods[0], amount=asked.value + more * D("0.01")),))
    rules = (replace(BRAZIL, destination="EU", factors=replace(BRAZIL.factors, value_to=None)),)
    assert ask(dearer, rules=rules).duty >= ask(asked, rules=rules).duty


@given(asked=parcels(), codes=st.lists(st.sampled_from(CODES[:-1]), min_size=6, max_size=6))
def test_heading_duty_counts_distinct_headings(asked: CustomsParcel, codes: list[str]) -> None:
    lines = tuple(
        replace(line, hs_code=code, amount=D(0))
        for line, code in zip(asked.goods, codes, strict=False)
    )
    asked = replace(asked, goods=lines, currency="EUR")
    answer = ask(asked, rules=RULES[0], layers=(FLAT, layer("EU", "12")))
    assert answer.duty == 3 * len({line.hs_code[:6] for line in lines})


@given(asked=parcels(), layers=layers())
def test_order_of_goods_and_rows_changes_nothing(
    asked: CustomsParcel, layers: tuple[DutyLayer, ...]
) -> None:
    rows = {layer.row: layer for layer in layers}
    # Two rows as near as each other cannot be in the table: one of each key is in force.
    keyed = {(row.group, row.hs_prefix, row.origin): row for row in rows.values()}.values()

    def found(answer: DutyAnswer) -> dict[str, Decimal]:
        return {part.row: part.amount for part in answer.components}

    there = ask(asked, rules=RULES[0], layers=tuple(keyed))
    back = ask(replace(asked, goods=asked.goods[::-1]), rules=RULES[0], layers=tuple(keyed)[::-1])
    assert found(there) == found(back)


@given(asked=parcels(), layers=layers(), fees=fees)
def test_inside_the_union_nothing_is_owed(
    asked: CustomsParcel, layers: object, fees: object
) -> None:
    asked = replace(asked, ship_from=At("NL"), ship_to=At("FR"))
    assert ask(asked, rules=RULES[0], layers=layers, fees=fees).components == ()
