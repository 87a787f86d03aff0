from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fulfillment.choosing import Load, Piece, list_pieces, list_senders
from fulfillment.models import Carrier, LaneScore, RoutingPolicy, Zone, ZoneBracket
from tests import factories
from tests.fulfillment.scenes import NOW, Scene, make_scene

pytestmark = pytest.mark.django_db


def _senders(scene: Scene, grams: int = 1_000, **load: int) -> list[tuple[str, str]]:
    """Give warehouse and carrier in the order in which they are preferred."""
    senders = list_senders(
        scene.market, country="DE", option="standard", load=Load(grams, **load), now=NOW
    )
    return [
        (sender.connection.zone.warehouse.code, sender.connection.zone.service.carrier.code)
        for sender in senders
    ]


def _second_service(scene: Scene, cost: str, **fields: Any) -> Zone:
    service = factories.make_service(
        "slow", option="standard", carrier=factories.make_carrier("other")
    )
    return factories.make_zone(
        service, scene.warehouses[0], ["DE"], base_cost=Decimal(cost), **fields
    )


def _score(zone: Zone, *, parcels: int, on_time: int) -> None:
    LaneScore.objects.create(
        service=zone.service, warehouse=zone.warehouse, country="DE", parcels=parcels,
        on_time=on_time, days_median=2, days_p90=3, cost=5, computed_at=NOW,
    )  # fmt: skip


def test_senders_are_ranked_by_the_cost_of_the_load() -> None:
    scene = make_scene(costs=("4.00", "6.00"))
    assert _senders(scene) == [("w0", "carrier"), ("w1", "carrier")]

    ZoneBracket.objects.create(zone=scene.zones[1], up_to_grams=2_000, cost="3.50")
    assert _senders(scene) == [("w1", "carrier"), ("w0", "carrier")]
    # Beyond the bracket it takes two parcels, and the other warehouse is the cheaper one.
    assert _senders(scene, 2_001) == [("w0", "carrier"), ("w1", "carrier")]


def test_a_warehouse_sends_with_its_cheapest_service() -> None:
    scene = make_scene(costs=("4.00",))
    _second_service(scene, "3.50")
    assert _senders(scene) == [("w0", "other")]


def test_a_carrier_that_is_down_or_inactive_is_not_chosen() -> None:
    scene = make_scene(costs=("4.00",))
    other = _second_service(scene, "3.50").service.carrier
    Carrier.objects.filter(pk=other.pk).update(down_until=NOW + timedelta(minutes=1))
    assert _senders(scene) == [("w0", "carrier")]

    Carrier.objects.filter(pk=other.pk).update(down_until=NOW)
    assert _senders(scene) == [("w0", "other")]

    Carrier.objects.filter(pk=other.pk).update(is_active=False)
    assert _senders(scene) == [("w0", "carrier")]


def test_a_carrier_that_is_down_is_better_than_none() -> None:
    scene = make_scene(costs=("4.00", "6.00"))
    Carrier.objects.update(down_until=NOW + timedelta(hours=1))
    assert _senders(scene) == [("w0", "carrier"), ("w1", "carrier")]


@pytest.mark.parametrize(("parcels", "expected"), [(29, "other"), (30, "carrier")])
def test_a_service_that_is_often_late_costs_more(parcels: int, expected: str) -> None:
    scene = make_scene(costs=("4.00",))
    other = _second_service(scene, "3.50")
    _score(other, parcels=parcels, on_time=parcels - 3)
    assert _senders(scene) == [("w0", expected)]


def test_a_day_on_the_way_costs_what_the_policy_says() -> None:
    scene = make_scene(costs=("4.00",))
    _second_service(scene, "3.50", transit_days_max=5)
    assert _senders(scene) == [("w0", "other")]

    RoutingPolicy.objects.create(market=None, day_penalty=Decimal("0.30"))
    assert _senders(scene) == [("w0", "carrier")]

    RoutingPolicy.objects.create(market=scene.market)
    assert _senders(scene) == [("w0", "other")]


def test_a_service_that_is_too_weak_for_a_unit_is_not_chosen() -> None:
    scene = make_scene(costs=("4.00",))
    _second_service(scene, "0.50", max_weight_grams=500)
    assert _senders(scene, 600, unit_grams=200) == [("w0", "other")]
    assert _senders(scene, 600, unit_grams=600) == [("w0", "carrier")]


@pytest.mark.parametrize("grams", [0, 1, 999, 1_000, 1_001, 5_000, 5_001, 29_999, 61_000, 100_000])
def test_pieces_weigh_as_senders_do(grams: int) -> None:
    scene = make_scene(costs=("4.00", "6.00"))
    for up_to, cost in ((1_000, "3.10"), (5_000, "8.40")):
        ZoneBracket.objects.create(zone=scene.zones[1], up_to_grams=up_to, cost=cost)
    service = scene.zones[0].service
    service.fuel_percent = Decimal("12.5")
    service.save()
    scene.zones[0].max_weight_grams = 20_000
    scene.zones[0].save()
    load = Load(grams)
    senders = list_senders(scene.market, country="DE", option="standard", load=load, now=NOW)

    found = {
        piece.warehouse_id: _weigh(piece, grams)
        for piece in list_pieces(scene.market, country="DE", option="standard", now=NOW)
        if piece.over_grams < grams and (piece.up_to_grams is None or grams <= piece.up_to_grams)
    }

    expected = {sender.warehouse_id: sender.cost for sender in senders}
    if grams <= 8 * 5_000:
        assert found == expected
    assert sorted(found, key=lambda place: (found[place], place)) == [
        sender.warehouse_id for sender in senders
    ]


def _weigh(piece: Piece, grams: int) -> Decimal:
    return piece.base + piece.per_kg * grams / 1000
