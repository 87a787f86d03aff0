"""The dates of the shop on days when the calendar is not plain, one minute around the cut-off."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Variant
from fulfillment.delivery import DeliveryChoice, list_delivery
from fulfillment.models import Closure, IncomingStock, LaneScore, StockLevel, Warehouse, Zone
from markets.models import Market
from tests import factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
ROTTERDAM = {
    "country": "NL",
    "time_zone": "Europe/Amsterdam",
    "cutoff": time(15),
    "postal_code": "",
}


@dataclass(frozen=True)
class Shop:
    market: Market
    warehouse: Warehouse
    zone: Zone
    variant: Variant
    country: str

    def choice(self, now: datetime, **place: Any) -> DeliveryChoice:
        (choice,) = list_delivery(
            self.market,
            country=self.country,
            items={self.variant.pk: 1},
            goods_total=Decimal(20),
            now=now,
            **place,
        )
        return choice

    def around(self, cutoff: str, **place: Any) -> list[tuple[date, date]]:
        """Give the dates a minute before and a minute after a cut-off at the warehouse."""
        moment = datetime.fromisoformat(cutoff).replace(tzinfo=self.warehouse.zone)
        before, after = (
            self.choice((moment + turn).astimezone(UTC), **place) for turn in (-MINUTE, MINUTE)
        )
        assert before.order_by == moment
        return [(choice.arrives_from, choice.arrives_to) for choice in (before, after)]


def _shop(
    to: str,
    *,
    warehouse: dict[str, Any] | None = None,
    service: dict[str, Any] | None = None,
    **zone: Any,
) -> Shop:
    """Make a shop that sends from one warehouse to one country by one service."""
    market = factories.make_market(countries=[to])
    factories.make_delivery_option(market)
    place = factories.make_warehouse("here", **{**ROTTERDAM, **(warehouse or {})})
    made = factories.make_zone(factories.make_service(**(service or {})), place, [to], **zone)
    variant = factories.make_variant()
    factories.make_stock(variant, place)
    return Shop(market, place, made, variant, to)


def _days(*pairs: str) -> list[tuple[date, date]]:
    """Read days written as `2026-05-07/08` or, into the next month, as `2026-05-27/06-01`."""
    read = []
    for pair in pairs:
        first, last = pair.split("/")
        read.append((date.fromisoformat(first), date.fromisoformat(first[: -len(last)] + last)))
    return read


OSAKA = {"country": "JP", "time_zone": "Asia/Tokyo", "cutoff": time(13), "handling_days": 0}
SHENZHEN = {"country": "CN", "time_zone": "Asia/Shanghai", "cutoff": time(16)}
DUBAI = {"country": "AE", "time_zone": "Asia/Dubai", "cutoff": time(14)}
LONDON = {"country": "GB", "time_zone": "Europe/London", "cutoff": time(17), "handling_days": 0}
NEWARK = {
    "country": "US", "region": "NJ", "time_zone": "America/New_York", "cutoff": time(15),
    "handling_days": 0,
}  # fmt: skip
WEIL = {
    "country": "DE", "region": "BW", "time_zone": "Europe/Berlin", "cutoff": time(15),
    "handling_days": 0,
}  # fmt: skip


def test_golden_week_in_japan() -> None:
    shop = _shop("JP", warehouse=OSAKA, transit_days_max=2)

    # Friday between the holidays of 29 April and 3 to 6 May.
    assert shop.around("2026-05-01 13:00") == _days("2026-05-07/08", "2026-05-08/11")


def test_golden_week_of_carriers_that_pause_longer_than_law_asks() -> None:
    shop = _shop("JP", warehouse=OSAKA, transit_days_max=2)
    Closure.objects.create(
        country="JP", first_on=date(2026, 4, 30), last_on=date(2026, 5, 1), reason="Golden Week"
    )

    # Tuesday's order is collected and lies until the 7th; Wednesday is a holiday, and on Thursday
    # and Friday the warehouse works but nobody collects.
    assert shop.around("2026-04-28 13:00") == _days("2026-05-07/08", "2026-05-08/11")


def test_lunar_new_year_in_china() -> None:
    shop = _shop("CN", warehouse=SHENZHEN, transit_days_min=2)

    assert shop.around("2026-02-13 16:00") == _days("2026-02-26/27", "2026-02-27/03-02")


def test_eid_in_the_emirates() -> None:
    shop = _shop("AE", warehouse=DUBAI, transit_days_max=2)

    # Thursday and Friday are holidays; since 2022 the weekend is Saturday and Sunday.
    assert shop.around("2026-03-18 14:00") == _days("2026-03-24/25", "2026-03-25/26")


def test_christmas_in_germany() -> None:
    shop = _shop("DE")

    # Ready on Thursday, the 24th; the 25th and 26th are holidays at both ends.
    assert shop.around("2026-12-23 15:00") == _days("2026-12-28/30", "2026-12-29/31")


def test_christmas_in_britain_and_new_year_in_its_parts() -> None:
    shop = _shop("GB", warehouse=LONDON, transit_days_max=1)

    # Boxing Day falls on a Saturday and is kept on Monday, the 28th.
    assert shop.around("2026-12-24 17:00", postal_code="EC1A 1BB") == _days(
        "2026-12-29/29", "2026-12-30/30"
    )
    hogmanay = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert shop.choice(hogmanay, postal_code="EC1A 1BB").arrives_to == date(2027, 1, 4)
    assert shop.choice(hogmanay, postal_code="EH1 1AA").arrives_to == date(2027, 1, 5)


def test_christmas_in_the_united_states() -> None:
    shop = _shop("US", warehouse=NEWARK, transit_days_max=1)

    assert shop.around("2026-12-24 15:00", region="NY") == _days("2026-12-28/28", "2026-12-29/29")


def test_customs_between_germany_and_switzerland() -> None:
    shop = _shop("CH", warehouse=WEIL, transit_days_max=2, customs_days_min=1, customs_days_max=2)

    assert shop.around("2026-11-23 15:00") == _days("2026-11-25/27", "2026-11-26/30")
    # 1 May is a holiday in Germany and none in Bern: customs wait all the same.
    assert shop.around("2026-04-29 15:00", region="BE") == _days("2026-05-04/06", "2026-05-05/06")
    # 3 August is none; on 1 August, the Swiss day, it is Saturday anyway. Ascension is both's.
    assert shop.around("2026-05-12 15:00", region="BE") == _days("2026-05-15/19", "2026-05-18/20")


def test_clock_changes_move_the_cut_off_with_them() -> None:
    shop = _shop("DE")

    # Winter time until 29 March: 15:00 in Rotterdam is 14:00 UTC, then 13:00 UTC.
    assert shop.choice(datetime(2026, 3, 27, 13, 59, tzinfo=UTC)).arrives_from == date(2026, 3, 31)
    monday = datetime(2026, 3, 30, 12, 59, tzinfo=UTC)
    assert shop.choice(monday).arrives_from == date(2026, 4, 1)
    assert shop.choice(monday + 2 * MINUTE).arrives_from == date(2026, 4, 2)
    assert shop.choice(monday).order_by == datetime(2026, 3, 30, 13, tzinfo=UTC)


def test_carrier_that_comes_before_the_cut_off_decides() -> None:
    shop = _shop("DE", cutoff=time(11, 30))

    assert shop.around("2026-11-24 11:30") == _days("2026-11-26/30", "2026-11-27/12-01")


def test_pick_up_and_delivery_days_of_the_service() -> None:
    shop = _shop(
        "DE",
        service={"pickup_days": [0, 4], "delivery_days": [0, 1, 2, 3, 4, 5]},
        transit_days_max=1,
    )

    # Ready on Wednesday, collected on Friday, delivered on Saturday.
    assert shop.choice(datetime(2026, 11, 24, 9, tzinfo=UTC)).arrives_to == date(2026, 11, 28)


def test_service_whose_only_days_are_days_of_rest_there_keeps_them() -> None:
    friday = {"pickup_days": [4], "delivery_days": [4]}
    shop = _shop("SA", warehouse={"country": "SA"}, service=friday, transit_days_max=1)

    # On Fridays offices rest there.
    assert shop.choice(datetime(2026, 11, 24, 9, tzinfo=UTC)).arrives_to.weekday() == 4


def test_stock_taking_closes_the_warehouse() -> None:
    shop = _shop("DE")
    Closure.objects.create(
        warehouse=shop.warehouse, first_on=date(2026, 11, 24), last_on=date(2026, 11, 25),
        reason="Stock-taking",
    )  # fmt: skip

    assert shop.around("2026-11-23 15:00") == _days("2026-11-27/12-01", "2026-11-30/12-02")


def test_units_that_are_to_come_are_promised_from_their_day_on() -> None:
    shop = _shop("DE", transit_days_max=1)
    late = factories.make_variant()
    StockLevel.objects.create(warehouse=shop.warehouse, variant=late, preorder_limit=5)
    IncomingStock.objects.create(
        warehouse=shop.warehouse, variant=late, quantity=5, expected_on=date(2026, 12, 7)
    )

    (choice,) = list_delivery(
        shop.market, country="DE", items={late.pk: 1, shop.variant.pk: 1},
        goods_total=Decimal(20), now=datetime(2026, 11, 24, 9, tzinfo=UTC),
    )  # fmt: skip

    assert (choice.waits_until, choice.arrives_to) == (date(2026, 12, 7), date(2026, 12, 9))
    assert choice.order_by is None


@pytest.mark.parametrize(("parcels", "expected"), [(29, 2), (30, 5)])
def test_a_lane_with_enough_parcels_promises_what_nine_in_ten_took(
    parcels: int, expected: int
) -> None:
    shop = _shop("DE", warehouse={"handling_days": 0}, transit_days_max=2)
    LaneScore.objects.create(
        service=shop.zone.service, warehouse=shop.warehouse, country="DE", parcels=parcels,
        on_time=parcels, days_median=3, days_p90=Decimal("4.5"), cost=5,
        computed_at=factories.NOW,
    )  # fmt: skip

    # Monday morning, so that every working day is a weekday of the same week.
    choice = shop.choice(datetime(2026, 11, 23, 9, tzinfo=UTC))

    assert choice.arrives_from == date(2026, 11, 24)
    assert choice.arrives_to == date(2026, 11, 23) + timedelta(days=expected if expected < 5 else 7)
