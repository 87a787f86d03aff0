from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Variant
from fulfillment.models import CarrierEvent, LaneScore, Shipment
from fulfillment.scoring import percentile, score_lanes
from tests import factories
from tests.fulfillment.scenes import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 1, 35, tzinfo=UTC)


def _parcel(
    scene: Scene,
    variant: Variant,
    *,
    days: int | None,
    left: datetime = MONDAY,
    promised: date = date(2026, 11, 5),
    **fields: object,
) -> Shipment:
    """Make a parcel that left on a Monday and came so many days later, or not yet."""
    came = None if days is None else left + timedelta(days=days)
    status = Shipment.Status.DISPATCHED if came is None else Shipment.Status.DELIVERED
    order = factories.make_order(scene.market, {variant: 1})
    defaults = {
        "number": f"{order.number}-1", "order": order, "warehouse": scene.warehouses[0],
        "service": scene.zones[0].service, "status": status, "cost": Decimal("5.00"),
        "ship_by": left, "promised_from": promised, "promised_to": promised,
        "dispatched_at": left, "delivered_at": came,
    }  # fmt: skip
    return Shipment.objects.create(**{**defaults, **fields})


def _scene() -> tuple[Scene, Variant]:
    return make_scene(costs=("4.00",)), factories.make_variant()


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ({1: 1}, "0.9", 1),
        ({1: 9, 7: 1}, "0.9", 1),
        ({1: 8, 7: 2}, "0.9", 7),
        ({1: 1, 2: 1}, "0.5", 1),
        ({3: 5, 1: 4, 9: 1}, "0.5", 3),
    ],
)
def test_percentile_is_the_nearest_rank(counts: dict[int, int], share: str, expected: int) -> None:
    assert percentile(counts, Decimal(share)) == expected


def test_score_lanes_compares_what_was_promised_with_what_happened() -> None:
    scene, variant = _scene()
    for days in (1, 2, 3, 3):
        _parcel(scene, variant, days=days)
    _parcel(scene, variant, days=7, cost=Decimal("7.50"))  # Monday to Monday: 5 working days.

    assert score_lanes(NOW) == 1

    score = LaneScore.objects.get()
    assert (score.country, score.parcels, score.on_time) == ("DE", 5, 4)
    assert (score.days_median, score.days_p90) == (Decimal(3), Decimal(5))
    assert score.cost == Decimal("5.50")
    assert (score.recent_parcels, score.recent_on_time) == (5, 4)


def test_score_lanes_counts_what_is_overdue_lost_or_damaged_as_late() -> None:
    scene, variant = _scene()
    _parcel(scene, variant, days=None)  # 16 working days on its way.
    _parcel(scene, variant, days=None, promised=date(2026, 12, 24))  # Not due yet.
    _parcel(scene, variant, days=None, status=Shipment.Status.EXCEPTION)
    damaged = _parcel(scene, variant, days=1, tracking_number="T7")
    CarrierEvent.objects.create(
        carrier=damaged.service.carrier, event_id="1", tracking_number="T7", kind="damaged",
        occurred_at=MONDAY, received_at=MONDAY, payload={},
    )  # fmt: skip

    score_lanes(NOW)

    score = LaneScore.objects.get()
    assert (score.parcels, score.on_time, score.damaged) == (3, 1, 2)
    assert score.days_p90 == 16


def test_score_lanes_forgets_what_is_older_and_tells_the_last_month_apart() -> None:
    scene, variant = _scene()
    _parcel(scene, variant, days=1, left=NOW - timedelta(days=91))
    _parcel(scene, variant, days=1, left=NOW - timedelta(days=60), promised=date(2026, 9, 1))
    _parcel(scene, variant, days=1)
    score_lanes(NOW)
    first = LaneScore.objects.get()
    assert (first.parcels, first.on_time) == (2, 1)
    assert (first.recent_parcels, first.recent_on_time) == (1, 1)

    assert score_lanes(NOW + timedelta(days=120)) == 0
    assert not LaneScore.objects.exists()


def test_score_lanes_counts_days_of_both_clocks() -> None:
    scene, variant = _scene()
    # 23:30 in UTC is the next day in Rotterdam and in Berlin.
    _parcel(scene, variant, days=1, left=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))

    score_lanes(NOW)

    assert LaneScore.objects.get().days_median == 1


def test_score_lanes_does_not_count_holidays() -> None:
    scene, variant = _scene()
    thursday = datetime(2026, 12, 24, 10, tzinfo=UTC)
    _parcel(scene, variant, days=4, left=thursday, promised=date(2026, 12, 28))

    score_lanes(datetime(2027, 1, 4, tzinfo=UTC))

    # Friday and Saturday were Christmas, then came Sunday: it took a day.
    assert LaneScore.objects.get().days_p90 == 1
