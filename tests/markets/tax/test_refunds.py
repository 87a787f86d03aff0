from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.money import from_minor
from markets.tax import ComponentKind
from markets.tax.refunds import (
    RefundPolicy,
    StoredComponent,
    refund_components,
)

D = Decimal
EUR = RefundPolicy(currency="EUR")
SHIRT = StoredComponent(1, "shirt", ComponentKind.GOODS, D("40.00"), D("8.00"), 2)
SHOE = StoredComponent(2, "shoe", ComponentKind.GOODS, D("20.00"), D("4.00"), 1)
SHIPPING = StoredComponent(3, "shipping", ComponentKind.SHIPPING, D("5.00"), D("1.00"), 0)
SHOE_DUTY = StoredComponent(
    4, "shoe", ComponentKind.DUTY, D("3.00"), D("0.60"), 1, refundable=False
)
FEE = StoredComponent(5, "shoe", ComponentKind.FEE, D("2.00"), D("0.00"), 1)
STORED = [SHIRT, SHOE, SHIPPING, SHOE_DUTY, FEE]


def refunded(
    stored: list[StoredComponent], policy: RefundPolicy = EUR, **returned: int
) -> dict[int, tuple[str, str]]:
    parts = refund_components(stored, returned, policy)
    return {part.component_id: (str(part.net), str(part.tax)) for part in parts}


def test_returned_shoe_brings_back_its_tax_and_not_the_flat_duty() -> None:
    assert refunded(STORED, shoe=1) == {2: ("20.00", "4.00")}


def test_policy_gives_duties_fees_and_delivery_back() -> None:
    generous = RefundPolicy(currency="EUR", shipping=True, duties=True, fees=True)
    stored = [SHIRT, SHOE, SHIPPING, replace(SHOE_DUTY, refundable=True), FEE]
    assert refunded(stored, generous, shoe=1) == {
        2: ("20.00", "4.00"), 3: ("5.00", "1.00"), 4: ("3.00", "0.60"), 5: ("2.00", "0.00"),
    }  # fmt: skip
    assert refunded(stored, replace(generous, never=[4]), shoe=1).keys() == {2, 3, 5}


def test_last_unit_takes_the_remainder() -> None:
    line = StoredComponent(1, "mug", ComponentKind.GOODS, D("10.00"), D("1.90"), 3)
    assert refunded([line], mug=1) == {1: ("3.33", "0.63")}
    after = replace(line, returned_before=1, refunded_net=D("3.33"), refunded_tax=D("0.63"))
    assert refunded([after], mug=2) == {1: ("6.67", "1.27")}


def test_more_than_was_bought_is_refused() -> None:
    with pytest.raises(ValueError, match="1 came back before"):
        refunded([replace(SHIRT, returned_before=1)], shirt=2)


@given(
    st.integers(0, 5000), st.integers(0, 1200), st.lists(st.integers(1, 4), min_size=1),
    st.sampled_from(["JPY", "EUR", "KWD"]),
)  # fmt: skip
def test_partial_refunds_add_up_to_what_was_charged(
    net: int, tax: int, steps: list[int], currency: str
) -> None:
    part = StoredComponent(
        1, "x", ComponentKind.GOODS, from_minor(net, currency), from_minor(tax, currency),
        sum(steps),
    )  # fmt: skip
    policy = RefundPolicy(currency=currency)
    for step in steps:
        for refund in refund_components([part], {"x": step}, policy):
            assert refund.net >= 0
            assert refund.tax >= 0
            part = replace(
                part,
                refunded_net=part.refunded_net + refund.net,
                refunded_tax=part.refunded_tax + refund.tax,
            )
        part = replace(part, returned_before=part.returned_before + step)
    assert (part.refunded_net, part.refunded_tax) == (part.net, part.tax)
