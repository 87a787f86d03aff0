from datetime import timedelta
from decimal import Decimal

import pytest

from fulfillment.returns.worth import BorderCost, refundable_costs

D = Decimal


@pytest.mark.parametrize(
    ("away", "comes_back"),
    [
        (timedelta(0), "9"),
        (timedelta(days=30, hours=23), "9"),  # Whole days count: the thirtieth has not ended.
        (timedelta(days=31), "2"),
    ],
)
def test_duty_comes_back_within_its_days_and_what_never_does_stays(
    away: timedelta, comes_back: str
) -> None:
    costs = [
        BorderCost(D(7), refundable=True, within_days=30),
        BorderCost(D(2), refundable=True),
        BorderCost(D(4), refundable=False, within_days=30),
    ]
    assert refundable_costs(costs, away=away) == D(comes_back)
