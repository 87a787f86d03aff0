"""What the database refuses of discounts, whoever asks."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from markets.models import PromotionVersion
from orders.models import Order, OrderDiscount, OrderLine
from tests.factories import make_market, make_order, make_promotion, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order(make_market(), {make_variant(): 2}, unit_price="10.00")


@pytest.mark.parametrize("discount", ["-0.001", "20.001"])
def test_line_is_discounted_by_its_price_at_most(order: Order, discount: str) -> None:
    OrderLine.objects.update(discount=Decimal(20))
    with (
        pytest.raises(IntegrityError, match="order_line_discount_within_price"),
        transaction.atomic(),
    ):
        OrderLine.objects.update(discount=Decimal(discount))


def discount(order: Order, **fields: Any) -> OrderDiscount:
    version = PromotionVersion.objects.first() or make_promotion().versions.get()
    given = {"promotion_version": version, "label": "Sale", "amount": Decimal(1), **fields}
    return OrderDiscount.objects.create(order=order, **given)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_discount_takes_something_off(order: Order, amount: str) -> None:
    with (
        pytest.raises(IntegrityError, match="order_discount_takes_something"),
        transaction.atomic(),
    ):
        discount(order, amount=Decimal(amount))


def test_promotion_takes_once_from_a_line_and_once_from_delivery(order: Order) -> None:
    line = order.lines.get()
    for where in (line, None):
        discount(order, line=where)
        with pytest.raises(IntegrityError, match="order_discount_once"), transaction.atomic():
            discount(order, line=where)
