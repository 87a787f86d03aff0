from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from djmoney.money import Money

from markets.models import Market
from payments.errors import MethodNotOffered
from payments.methods import get_offer, is_eligible, list_methods, select_methods
from payments.models import MethodOffer, PaymentMethod
from tests import factories

TODAY = date(2026, 11, 24)


def make_offer(*, method: dict[str, Any] | None = None, **fields: Any) -> MethodOffer:
    return MethodOffer(
        method=PaymentMethod(code="x", name="X", **(method or {})),
        market=Market(code="de", currency="EUR"),
        **fields,
    )


@pytest.mark.parametrize(
    ("fields", "country", "amount", "expected"),
    [
        ({}, "DE", Money(10, "EUR"), True),
        ({}, "DE", Money(10, "USD"), False),
        ({}, "DE", Money(0, "EUR"), False),
        ({"countries": ["AT"]}, "DE", Money(10, "EUR"), False),
        ({"countries": ["AT", "DE"]}, "DE", Money(10, "EUR"), True),
        ({"min_amount": Decimal(10)}, "DE", Money(10, "EUR"), True),
        ({"min_amount": Decimal(10)}, "DE", Money("9.99", "EUR"), False),
        ({"max_amount": Decimal(10)}, "DE", Money(10, "EUR"), True),
        ({"max_amount": Decimal(10)}, "DE", Money("10.01", "EUR"), False),
        ({"method": {"is_active": False}}, "DE", Money(10, "EUR"), False),
        ({"method": {"discontinued_on": date(2026, 11, 25)}}, "DE", Money(10, "EUR"), True),
        ({"method": {"discontinued_on": TODAY}}, "DE", Money(10, "EUR"), False),
    ],
)
def test_offer_covers_what_its_row_says(
    fields: dict[str, Any], country: str, amount: Money, expected: bool
) -> None:
    offer = make_offer(**fields)
    assert is_eligible(offer, country=country, amount=amount, today=TODAY) is expected


def test_methods_come_in_the_order_of_their_offers() -> None:
    offers = [
        make_offer(method={"id": n}, position=position) for n, position in enumerate([3, 1, 2])
    ]
    methods = select_methods(offers, country="DE", amount=Money(1, "EUR"), today=TODAY)
    assert [method.pk for method in methods] == [1, 2, 0]


@pytest.mark.django_db
def test_only_the_markets_methods_listed_in_one_query(django_assert_num_queries: Any) -> None:
    germany, japan = factories.make_market("de"), factories.make_market("jp", countries=["JP"])
    card = factories.make_method(germany)
    factories.make_method(germany, "ideal")
    factories.make_method(japan, "konbini")
    MethodOffer.objects.filter(method=card).update(position=9)
    with django_assert_num_queries(1):
        methods = list_methods(germany, country="DE", amount=Money(1, "EUR"), today=TODAY)
    assert [method.code for method in methods] == ["ideal", "card"]


@pytest.mark.django_db
def test_method_of_another_market_refused() -> None:
    germany, japan = factories.make_market("de"), factories.make_market("jp", countries=["JP"])
    konbini = factories.make_method(japan, "konbini")
    with pytest.raises(MethodNotOffered):
        get_offer(konbini, germany, country="DE", amount=Money(1, "EUR"), today=TODAY)
