from decimal import Decimal
from functools import partial

import pytest
from djmoney.money import Money
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Variant
from fulfillment.errors import (
    NotGraded,
    NothingReceived,
    NothingToRefund,
    NothingToReturn,
    TakesNoReturns,
    TooManyReceived,
    TooManyReturned,
)
from fulfillment.models import DeliveryOption, Return, ReturnLine, StockLevel, StockMovement
from fulfillment.returns import (
    approve_return,
    close_return,
    inspect_return,
    receive_return,
    refund_due,
    refund_return,
    reject_return,
    request_return,
    returnable_lines,
)
from fulfillment.returns.worth import worth_of_units
from markets.money import exponent
from orders.errors import StaleTransition
from orders.models import Order, OrderCharge, OrderLine
from payments.models import Payment, Refund
from tests import factories
from tests.fulfillment.scenes import (
    NOW,
    Scene,
    make_paid_order,
    make_scene,
    make_shipped_order,
    run_together,
    stock_problems,
)

pytestmark = pytest.mark.django_db


def _stocked(scene: Scene, units: int = 20) -> Variant:
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0], units)
    return variant


def _ask(order: Order, quantity: int, *, line: OrderLine | None = None) -> Return:
    line = line or order.lines.order_by("id")[0]
    return request_return(order, [(line.pk, quantity, "changed_mind")], note="", now=NOW)


def _bring(
    order: Order, quantity: int, *, grade: str = "a", line: OrderLine | None = None
) -> Return:
    goods_return = _ask(order, quantity, line=line)
    approve_return(goods_return.pk, now=NOW)
    lines = [row.pk for row in goods_return.lines.all()]
    hub = order.shipments.order_by("id")[0].warehouse
    receive_return(goods_return.pk, warehouse=hub, received=dict.fromkeys(lines, quantity), now=NOW)
    return inspect_return(goods_return.pk, grades=dict.fromkeys(lines, grade), now=NOW, user=None)


def test_return_goes_from_request_to_refund() -> None:
    scene = make_scene()
    variant = _stocked(scene)
    order = make_shipped_order(scene, {variant: 3})

    goods_return = _ask(order, 2)
    assert goods_return.number == f"{order.number}-R1"
    (line,) = goods_return.lines.all()
    assert (line.quantity, line.reason) == (2, ReturnLine.Reason.CHANGED_MIND)
    approve_return(goods_return.pk, now=NOW)
    # Any hub takes it, not only the one that sent it.
    hub = scene.warehouses[1]
    receive_return(goods_return.pk, warehouse=hub, received={line.pk: 2}, now=NOW)
    assert not StockLevel.objects.filter(warehouse=hub).exists()
    inspect_return(goods_return.pk, grades={line.pk: "a"}, now=NOW, user=None)
    refund = refund_return(goods_return.pk, now=NOW)

    goods_return.refresh_from_db()
    line.refresh_from_db()
    assert goods_return.status == Return.Status.REFUNDED
    assert goods_return.refund == refund
    assert refund.amount == Money("20.00", "EUR")
    assert refund.operation_key == f"return:{goods_return.pk}"
    assert line.disposition == ReturnLine.Disposition.RESTOCK
    assert StockLevel.objects.get(warehouse=hub).on_hand == 2
    assert Payment.objects.get().refunded == Decimal(20)
    kinds = [event.kind for event in order.events.all() if event.kind.startswith("return")]
    assert kinds == ["return_requested", "return_approved", "return_received", "return_inspected"]
    assert stock_problems() == []


@pytest.mark.parametrize(
    ("grade", "disposition", "units"),
    [("a", "restock", 1), ("b", "open_box", 0), ("c", "refurbish", 0), ("d", "recycle", 0)],
)
def test_inspection_decides_what_becomes_of_the_units(
    grade: str, disposition: str, units: int
) -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene, 1): 1})

    goods_return = _bring(order, 1, grade=grade)

    assert goods_return.lines.get().disposition == disposition
    assert StockLevel.objects.get().on_hand == units
    assert StockMovement.objects.filter(kind="return").count() == units


def test_request_return_never_takes_more_than_was_shipped() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 3})
    _ask(order, 2)

    with pytest.raises(TooManyReturned) as caught:
        _ask(order, 2)

    assert caught.value.returnable == 1
    _ask(order, 1)
    with pytest.raises(NothingToReturn):
        _ask(order, 1)
    assert Return.objects.count() == 2


def test_request_return_of_what_was_not_shipped_is_refused() -> None:
    scene = make_scene()
    order = make_paid_order(scene, {_stocked(scene): 3})
    stranger = make_shipped_order(scene, {_stocked(scene): 1})

    assert returnable_lines(order) == []
    with pytest.raises(NothingToReturn):
        _ask(order, 1)
    with pytest.raises(TooManyReturned):
        _ask(stranger, 1, line=order.lines.get())
    with pytest.raises(NothingToReturn):
        _ask(stranger, 0)
    with pytest.raises(ValueError, match="because"):
        request_return(stranger, [(stranger.lines.get().pk, 1, "because")], note="", now=NOW)
    assert not Return.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_request_return_twice_at_once_counts_each_unit_once() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 3})

    results = run_together([partial(_ask, order, 2)] * 4)

    made = [result for result in results if isinstance(result, Return)]
    assert len(made) == 1
    assert {type(result) for result in results} == {Return, TooManyReturned}


def test_rejected_return_frees_its_units() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 1})
    goods_return = _ask(order, 1)

    reject_return(goods_return.pk, now=NOW)

    with pytest.raises(StaleTransition):
        approve_return(goods_return.pk, now=NOW)
    assert _ask(order, 1).number == f"{order.number}-R2"


def test_units_that_did_not_come_can_be_returned_later() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 3})
    goods_return = _ask(order, 3)
    line = goods_return.lines.get()

    receive_return(goods_return.pk, warehouse=scene.warehouses[0], received={line.pk: 1}, now=NOW)

    assert [row.returnable for row in returnable_lines(order)] == [2]
    inspect_return(goods_return.pk, grades={line.pk: "b"}, now=NOW, user=None)
    assert refund_return(goods_return.pk, now=NOW).amount == Money("10.00", "EUR")


def test_receive_return_refuses_what_does_not_fit() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 2})
    goods_return = _ask(order, 1)
    line = goods_return.lines.get()
    hub = scene.warehouses[0]
    closed = factories.make_warehouse("closed", receives_returns=False)

    with pytest.raises(TooManyReceived):
        receive_return(goods_return.pk, warehouse=hub, received={line.pk: 2}, now=NOW)
    with pytest.raises(TooManyReceived):
        receive_return(goods_return.pk, warehouse=hub, received={line.pk + 99: 1}, now=NOW)
    with pytest.raises(NothingReceived):
        receive_return(goods_return.pk, warehouse=hub, received={}, now=NOW)
    with pytest.raises(TakesNoReturns):
        receive_return(goods_return.pk, warehouse=closed, received={line.pk: 1}, now=NOW)

    receive_return(goods_return.pk, warehouse=hub, received={line.pk: 1}, now=NOW)
    with pytest.raises(StaleTransition):
        receive_return(goods_return.pk, warehouse=hub, received={line.pk: 1}, now=NOW)


def test_inspect_return_wants_a_grade_for_each_line_that_came() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 1})
    goods_return = _ask(order, 1)
    line = goods_return.lines.get()
    receive_return(goods_return.pk, warehouse=scene.warehouses[0], received={line.pk: 1}, now=NOW)

    for grades in ({}, {line.pk: "z"}):
        with pytest.raises(NotGraded):
            inspect_return(goods_return.pk, grades=grades, now=NOW, user=None)
    inspect_return(goods_return.pk, grades={line.pk: "a"}, now=NOW, user=None)
    with pytest.raises(StaleTransition):
        inspect_return(goods_return.pk, grades={line.pk: "a"}, now=NOW, user=None)
    assert StockMovement.objects.filter(kind="return").count() == 1


def test_refund_return_twice_is_one_refund() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 2})
    goods_return = _bring(order, 1)

    first = refund_return(goods_return.pk, now=NOW)
    # As if it had been interrupted before the refund was linked.
    Return.objects.update(status=Return.Status.INSPECTED, refund=None)
    second = refund_return(goods_return.pk, now=NOW)

    assert first == second == Refund.objects.get()
    assert Return.objects.get().status == Return.Status.REFUNDED


def test_refund_return_before_inspection_is_stale() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 1})
    with pytest.raises(StaleTransition):
        refund_return(_ask(order, 1).pk, now=NOW)


def test_refund_return_never_pays_more_than_is_left() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 2})
    first, second = _bring(order, 1), _bring(order, 1)
    Payment.objects.update(refunded=Decimal("15.00"))

    assert refund_due(first) == (Payment.objects.get(), Money("5.00", "EUR"))
    assert refund_return(first.pk, now=NOW).amount == Money("5.00", "EUR")
    assert refund_due(second) is None
    with pytest.raises(NothingToRefund):
        refund_return(second.pk, now=NOW)
    close_return(second.pk)
    assert Return.objects.get(pk=second.pk).status == Return.Status.CLOSED


def test_order_is_returned_when_everything_came_back() -> None:
    scene = make_scene()
    order = make_shipped_order(scene, {_stocked(scene): 2})

    refund_return(_bring(order, 1).pk, now=NOW)
    order.refresh_from_db()
    assert order.fulfillment_status == Order.FulfillmentStatus.SHIPPED
    refund_return(_bring(order, 1).pk, now=NOW)

    order.refresh_from_db()
    assert order.fulfillment_status == Order.FulfillmentStatus.RETURNED
    assert order.payment_status == Order.PaymentStatus.REFUNDED


@pytest.mark.parametrize(
    ("currency", "gross", "expected"),
    [
        ("EUR", "10.00", ["3.33", "3.34", "3.33"]),
        ("JPY", "1000", ["333", "334", "333"]),
        # The gateway pays back in steps of 0.01; the line's worth is kept to the fils.
        ("KWD", "1.000", ["0.330", "0.340", "0.330"]),
    ],
)
def test_refunds_of_parts_add_up_to_what_was_paid(
    currency: str, gross: str, expected: list[str]
) -> None:
    scene = make_scene(currency=currency)
    variant = _stocked(scene)
    order = make_shipped_order(scene, {variant: 3}, unit_price="400")
    amount = Decimal(gross)
    OrderLine.objects.update(net=amount, gross=amount)
    Order.objects.update(net=amount, gross=amount)
    Payment.objects.update(amount=amount, captured=amount)

    refunds = [refund_return(_bring(order, 1).pk, now=NOW) for _ in range(3)]

    assert [refund.amount.amount for refund in refunds] == [Decimal(part) for part in expected]
    assert sum(row.amount or 0 for row in ReturnLine.objects.all()) == amount
    assert Payment.objects.get().refunded == amount


@given(
    parts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    minor=st.integers(0, 10**7),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_worth_of_parts_adds_up_exactly(parts: list[int], minor: int, currency: str) -> None:
    gross = Decimal(minor).scaleb(-exponent(currency))
    unit = Decimal(1).scaleb(-exponent(currency))
    quantity, before, amounts = sum(parts), 0, []
    for units in parts:
        amounts.append(
            worth_of_units(gross, currency, quantity=quantity, before=before, units=units)
        )
        before += units

    assert sum(amounts) == gross
    assert all(
        abs(amount - gross * units / quantity) <= unit
        for amount, units in zip(amounts, parts, strict=True)
    )


def test_worth_of_more_units_than_bought_is_refused() -> None:
    with pytest.raises(ValueError, match="of 2 units"):
        worth_of_units(Decimal(10), "EUR", quantity=2, before=1, units=2)


def _shipped_with_delivery(
    quantity: int = 2, *, delivery: str = "5.00", limit: str | None = None
) -> Order:
    """Make a shipped order of goods at 10.00 each and delivery, all of it paid."""
    scene = make_scene()
    DeliveryOption.objects.update(refunded_up_to=None if limit is None else Decimal(limit))
    order = make_shipped_order(scene, {_stocked(scene): quantity})
    OrderCharge.objects.create(
        order=order, kind="shipping", label="Standard", net=Decimal(delivery), tax=Decimal(0),
        gross=Decimal(delivery),
    )  # fmt: skip
    paid = order.gross + Decimal(delivery)
    Order.objects.update(net=paid, gross=paid)
    Payment.objects.update(amount=paid, captured=paid)
    order.refresh_from_db()
    return order


@pytest.mark.parametrize(
    ("limit", "amount"), [(None, "25.00"), ("9.90", "25.00"), ("3.90", "23.90"), ("0", "20.00")]
)
def test_whole_order_comes_back_with_what_its_option_gives_of_delivery(
    limit: str | None, amount: str
) -> None:
    goods_return = _bring(_shipped_with_delivery(limit=limit), 2)
    assert refund_return(goods_return.pk, now=NOW).amount == Money(amount, "EUR")


def test_part_of_an_order_leaves_delivery_and_the_last_part_brings_it() -> None:
    order = _shipped_with_delivery(3)
    first, second = _bring(order, 1), _bring(order, 1)
    assert refund_return(first.pk, now=NOW).amount == Money("10.00", "EUR")
    third = _bring(order, 1)
    assert refund_return(third.pk, now=NOW).amount == Money("15.00", "EUR")
    assert refund_return(second.pk, now=NOW).amount == Money("10.00", "EUR")
    assert Payment.objects.get().refunded == Decimal("35.00")


def test_delivery_that_staff_gave_back_before_is_not_given_twice() -> None:
    order = _shipped_with_delivery(1)
    Payment.objects.update(refunded=Decimal("5.00"))
    assert refund_return(_bring(order, 1).pk, now=NOW).amount == Money("10.00", "EUR")


def test_limit_is_of_the_price_as_it_was_shown() -> None:
    order = _shipped_with_delivery(1)
    OrderCharge.objects.update(net=Decimal("4.00"), tax=Decimal("1.00"))
    DeliveryOption.objects.update(refunded_up_to=Decimal("2.00"))
    Order.objects.update(prices_include_tax=False)
    assert _bring(order, 1).delivery == Decimal("2.50")
