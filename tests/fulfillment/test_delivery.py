from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from djmoney.money import Money

from fulfillment.delivery import list_delivery, list_promises, promise
from markets.models import Market
from tests import factories
from tests.fulfillment.scenes import NOW, make_scene

pytestmark = pytest.mark.django_db


def _list(market: Market, items: dict[int, int], total: str = "20", **changes: object) -> list:  # type: ignore[type-arg]
    fields = {"country": "DE", "goods_total": Decimal(total), "now": NOW, **changes}
    return list_delivery(market, items=items, **fields)  # type: ignore[arg-type]


def test_list_delivery_gives_options_in_order_with_price_and_dates() -> None:
    scene = make_scene(costs=("4.00",))
    express = factories.make_service("express")
    factories.make_zone(
        express, scene.warehouses[0], ["DE"], transit_days_min=1, transit_days_max=1
    )
    factories.make_delivery_option(scene.market, "express", price="14.90", position=1)
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0])

    choices = _list(scene.market, {variant.pk: 2})

    # Tuesday morning: leaves on Wednesday, the warehouse needs a day.
    assert [
        (choice.option, choice.name, choice.price, choice.arrives_from, choice.arrives_to)
        for choice in choices
    ] == [
        ("standard", "Standard", Money("4.90", "EUR"), date(2026, 11, 26), date(2026, 11, 30)),
        ("express", "Express", Money("14.90", "EUR"), date(2026, 11, 26), date(2026, 11, 26)),
    ]
    assert choices[0].warehouse_ids == (scene.warehouses[0].pk,)


def test_list_delivery_dates_turn_at_the_cut_off_minute() -> None:
    scene = make_scene(costs=("4.00",))
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0])
    cutoff = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)  # Thursday, 15:00 in Rotterdam.

    before, after = (
        _list(scene.market, {variant.pk: 1}, now=cutoff + timedelta(minutes=minutes))[0]
        for minutes in (-1, 1)
    )

    # Leaves on Friday and arrives on Monday at the earliest, or a working day later.
    assert before.arrives_from == date(2026, 11, 30)
    assert after.arrives_from == date(2026, 12, 1)


def test_list_delivery_is_free_from_its_threshold_on() -> None:
    scene = make_scene(costs=("4.00",))
    option = scene.market.delivery_options.get()
    option.free_from = Decimal("50.00")
    option.save()
    variant = factories.make_variant()
    factories.make_stock(variant, scene.warehouses[0])

    assert _list(scene.market, {variant.pk: 1}, "49.99")[0].price == Money("4.90", "EUR")
    assert _list(scene.market, {variant.pk: 1}, "50.00")[0].price == Money(0, "EUR")


def test_list_delivery_promises_the_slower_of_two_warehouses() -> None:
    scene = make_scene()
    scene.zones[1].transit_days_min, scene.zones[1].transit_days_max = 4, 6
    scene.zones[1].save()
    cup, pot = factories.make_variant(), factories.make_variant()
    factories.make_stock(cup, scene.warehouses[0])
    factories.make_stock(pot, scene.warehouses[1])

    (choice,) = _list(scene.market, {cup.pk: 1, pot.pk: 1})

    assert choice.warehouse_ids == tuple(warehouse.pk for warehouse in scene.warehouses)
    assert choice.arrives_to == date(2026, 12, 3)


def test_list_delivery_leaves_out_what_cannot_be_sent() -> None:
    scene = make_scene()
    heavy, light = factories.make_variant(weight_grams=31_000), factories.make_variant()
    for variant in (heavy, light):
        factories.make_stock(variant, scene.warehouses[0], 3)

    assert _list(scene.market, {light.pk: 4}) == []
    assert _list(scene.market, {heavy.pk: 1}) == []
    assert _list(scene.market, {light.pk: 1}, country="JP") == []
    assert _list(scene.market, {}) == []
    assert len(_list(scene.market, {light.pk: 3})) == 1


def test_promises_of_many_variants_cost_as_many_queries_as_of_one(
    django_assert_num_queries: object,
) -> None:
    scene = make_scene()
    variants = [factories.make_variant() for _ in range(5)]
    for variant in variants[:4]:
        factories.make_stock(variant, scene.warehouses[0])

    with django_assert_num_queries(2):  # type: ignore[operator]
        one = promise(scene.market, country="DE", variant_id=variants[0].pk, now=NOW)
    with django_assert_num_queries(2):  # type: ignore[operator]
        many = list_promises(
            scene.market,
            country="DE",
            variant_ids=[variant.pk for variant in variants],
            now=NOW,
        )

    assert one is not None
    assert list(many) == [variant.pk for variant in variants[:4]]
    assert many[variants[0].pk] == one
