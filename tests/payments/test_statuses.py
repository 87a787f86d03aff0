from itertools import permutations
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order
from payments.models import Payment, Refund
from payments.statuses import next_refund_status, next_status, order_payment_status

S = Payment.Status
P = Order.PaymentStatus
FORWARD = {
    S.CREATED: set(S),
    S.REQUIRES_ACTION: set(S) - {S.CREATED},
    S.PROCESSING: {S.PROCESSING, S.FAILED, S.AUTHORISED, S.VOIDED, S.CAPTURED},
    S.FAILED: {S.FAILED, S.AUTHORISED, S.VOIDED, S.CAPTURED},
    S.AUTHORISED: {S.AUTHORISED, S.VOIDED, S.CAPTURED},
    S.VOIDED: {S.VOIDED, S.CAPTURED},
    S.CAPTURED: {S.CAPTURED},
}


@pytest.mark.parametrize("current", list(S))
@pytest.mark.parametrize("fetched", list(S))
def test_status_moves_forward_or_not_at_all(current: S, fetched: S) -> None:
    expected = fetched if fetched in FORWARD[current] else current
    assert next_status(current, fetched) == expected


@given(st.lists(st.sampled_from(list(S)), min_size=1, max_size=5))
def test_status_does_not_depend_on_the_order_of_news(news: list[S]) -> None:
    ends = set()
    for order in permutations(news):
        status = S.CREATED
        for fetched in order:
            before = status
            status = next_status(status, fetched)
            assert status in FORWARD[before]
        ends.add(status)
    assert len(ends) == 1


@given(st.lists(st.sampled_from(list(Refund.Status)), min_size=1, max_size=5))
def test_refund_that_failed_once_stays_failed(news: list[Refund.Status]) -> None:
    status = Refund.Status.CREATED
    for fetched in news:
        status = next_refund_status(status, fetched)
    assert (status == Refund.Status.FAILED) == (Refund.Status.FAILED in news)


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([], P.UNPAID),
        ([(S.CREATED, 0, 0)], P.UNPAID),
        ([(S.REQUIRES_ACTION, 0, 0)], P.UNPAID),
        ([(S.PROCESSING, 0, 0)], P.PENDING),
        ([(S.AUTHORISED, 0, 0)], P.AUTHORISED),
        ([(S.CAPTURED, 10, 0)], P.PAID),
        ([(S.CAPTURED, 10, 4)], P.PART_REFUNDED),
        ([(S.CAPTURED, 10, 10)], P.REFUNDED),
        ([(S.FAILED, 0, 0)], P.FAILED),
        ([(S.VOIDED, 0, 0)], P.VOIDED),
        ([(S.VOIDED, 10, 10)], P.REFUNDED),
        ([(S.FAILED, 0, 0), (S.REQUIRES_ACTION, 0, 0)], P.UNPAID),
        ([(S.CAPTURED, 10, 0), (S.VOIDED, 10, 10)], P.PAID),
        ([(S.VOIDED, 0, 0), (S.AUTHORISED, 0, 0)], P.AUTHORISED),
    ],
)
def test_order_status_follows_its_payments(payments: list[tuple[S, int, int]], expected: P) -> None:
    rows = [
        Mock(status=status, captured=captured, refunded=refunded)
        for status, captured, refunded in payments
    ]
    assert order_payment_status(rows) == expected
