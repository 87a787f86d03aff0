import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from markets.models import LegalEntity, Market, TaxRegistration, TaxThreshold
from markets.tax.tables import load_tables
from orders.models import Order, ThresholdAlarm
from orders.tasks import watch_tax_thresholds
from orders.tax_reports.nexus import Watched, distance_sales, list_watched, watch_thresholds
from orders.tax_reports.thresholds import Level
from tests.orders.tax_reports.rows import Sold, make_entity, make_rate, make_seller, make_sold

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
MAY = date(2026, 5, 5)


def make_threshold(**fields: Any) -> TaxThreshold:
    defaults = {
        "scheme": "sales_tax",
        "country": "US",
        "region": "NY",
        "amount": Decimal(1000),
        "currency": "USD",
        "period": "current_or_previous_year",
        "valid_from": date(2020, 1, 1),
    }
    return TaxThreshold.objects.create(**{**defaults, **fields})


def american(entity: LegalEntity) -> Market:
    return make_seller(entity, "us", currency="USD", countries=["US"], prices_include_tax=False)


def sell(market: Market, net: str, **fields: Any) -> Order:
    state = fields.pop("state", "NY")
    part = Sold(net, "0.00", "0", regime="no_nexus", jurisdiction=f"US-{state}")
    return make_sold(market, [part], **{"on": MAY, **fields})


def watched_by(entity: LegalEntity) -> Watched:
    (watched,) = list_watched(entity, on=TODAY)
    return watched


def test_watch_counts_what_was_sold_into_the_state() -> None:
    entity = make_entity()
    make_threshold()
    market = american(entity)
    sell(market, "500.00")
    sell(market, "300.00")
    sell(market, "900.00", state="CA")
    sell(market, "900.00", on=date(2024, 5, 5))
    watched = watched_by(entity)
    assert watched.standing is not None
    assert (watched.standing.amount, watched.standing.orders) == (Decimal("800.00"), 2)
    assert (watched.standing.percent, watched.level) == (Decimal("80.0"), Level.NEAR)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ({"status": Order.Status.CANCELLED, "payment_status": "refunded"}, False),
        ({"status": Order.Status.PLACED, "payment_status": "unpaid"}, False),
        ({"status": Order.Status.PLACED, "payment_status": "failed"}, False),
        ({"status": Order.Status.ON_HOLD, "payment_status": "authorised"}, True),
        ({"status": Order.Status.RELEASED, "payment_status": "unpaid"}, True),
        ({"status": Order.Status.COMPLETED, "payment_status": "refunded"}, True),
    ],
)
def test_watch_counts_orders_that_were_accepted(state: dict[str, str], counts: bool) -> None:
    entity = make_entity()
    make_threshold()
    sell(american(entity), "500.00", **state)
    watched = watched_by(entity)
    assert watched.standing is not None
    assert watched.standing.orders == int(counts)


def test_watch_counts_each_day_by_its_own_rate() -> None:
    entity = make_entity()
    make_threshold()
    market = make_seller(entity)
    for on, rate in ((MAY, "2"), (date(2026, 6, 1), "4")):
        make_rate("USD", rate, on)
        sell(market, "100.00", on=on)
    watched = watched_by(entity)
    assert watched.standing is not None
    assert watched.standing.amount == Decimal("600.00")


def test_watch_without_a_rate_says_which_is_missing() -> None:
    entity = make_entity()
    make_threshold()
    sell(make_seller(entity), "100.00")
    watched = watched_by(entity)
    assert (watched.standing, watched.missing_currency) == (None, "USD")


def test_limit_of_a_consignment_is_no_threshold_to_watch() -> None:
    entity = make_entity()
    make_threshold(scheme="ioss", period="consignment", currency="EUR")
    assert list_watched(entity, on=TODAY) == []
    assert distance_sales(entity, on=TODAY) is None


def test_alarm_opens_once_and_rises_with_sales(caplog: pytest.LogCaptureFixture) -> None:
    entity = make_entity()
    make_threshold()
    market = american(entity)
    sell(market, "790.00")
    assert watch_thresholds(now=NOW) == []
    sell(market, "50.00")
    with caplog.at_level(logging.ERROR):
        assert [alarm.level for alarm in watch_thresholds(now=NOW)] == [80]
    assert "Tax threshold" in caplog.text
    assert watch_thresholds(now=NOW) == []
    sell(market, "160.00")
    assert [alarm.level for alarm in watch_thresholds(now=NOW)] == [100]
    assert ThresholdAlarm.objects.filter(cleared_at=None).count() == 2


def test_alarm_is_cleared_by_a_registration() -> None:
    entity = make_entity()
    make_threshold()
    sell(american(entity), "5000.00")
    assert len(watch_thresholds(now=NOW)) == 2
    TaxRegistration.objects.create(
        legal_entity=entity, country="US", region="NY", scheme="sales_tax", number="1",
        valid_from=TODAY,
    )  # fmt: skip
    assert watch_thresholds(now=NOW) == []
    assert list(ThresholdAlarm.objects.values_list("cleared_at", flat=True)) == [NOW, NOW]


def test_alarm_is_of_the_company_that_sold() -> None:
    first, second = make_entity(), make_entity("Other GmbH")
    make_threshold()
    sell(american(second), "5000.00")
    assert {alarm.legal_entity for alarm in watch_thresholds(now=NOW)} == {second}
    assert watched_by(first).level is Level.QUIET


def test_union_threshold_warns_at_eight_thousand_euro() -> None:
    entity = make_entity()
    make_threshold(
        scheme="union_oss", country="", region="", amount=Decimal(10_000), currency="EUR"
    )
    market = make_seller(entity)
    make_sold(
        market, [Sold("8000.00", "1680.00", "21", regime="origin", jurisdiction="NL")], on=MAY
    )
    make_sold(
        market, [Sold("9000.00", "1890.00", "21", regime="domestic", jurisdiction="NL")], on=MAY
    )
    watched = watched_by(entity)
    assert watched.standing is not None
    assert (watched.standing.amount, watched.level) == (Decimal("8000.00"), Level.NEAR)
    assert distance_sales(entity, on=TODAY) == Decimal("8000.00")
    watch_thresholds(now=NOW)
    assert load_tables("FR", [], TODAY, market_id=market.pk).area_turnover == Decimal("8000.00")


def test_task_watches_now() -> None:
    make_entity()
    assert watch_tax_thresholds() == 0
