"""Price lists: one row in force per variant, market, group and quantity."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from djmoney.money import Money

from catalog.models import Variant
from markets.models import CustomerGroup, Market, Price
from markets.money import InexactAmount
from markets.pricing import (
    PriceAlreadyPlanned,
    clear_manual_price,
    derive_prices,
    end_list_price,
    set_list_price,
    set_manual_price,
)
from tests.factories import LONG_AGO, NOW, make_price, make_variant
from tests.markets.rows import add_base_price, bare_market, price_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def variant() -> Variant:
    return make_variant()


@pytest.fixture
def market() -> Market:
    return bare_market()


@pytest.fixture
def trade() -> CustomerGroup:
    return CustomerGroup.objects.create(code="trade", name="Trade")


def rows(variant: Variant) -> list[tuple[str, str, datetime, datetime | None]]:
    return [
        (row.kind, f"{row.amount.amount:.2f}", row.valid_from, row.valid_to)
        for row in Price.objects.filter(variant=variant).order_by("valid_from")
    ]


def test_set_list_price_opens_a_row_beside_everybodys(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    make_price(variant, market, "20")
    row = set_list_price(
        variant.pk, market, Decimal("15.50"), group=trade, min_quantity=10, valid_from=NOW, now=NOW
    )
    row.refresh_from_db()
    assert (row.kind, row.amount, row.group, row.min_quantity, row.is_reduction) == (
        Price.Kind.MANUAL, Money("15.50", "EUR"), trade, 10, False,
    )  # fmt: skip
    assert (row.valid_from, row.valid_to) == (NOW, None)
    assert price_of(variant, market) == 20


def test_price_for_a_time_gives_the_former_one_back(variant: Variant, market: Market) -> None:
    set_manual_price(variant.pk, market, Decimal(20), now=LONG_AGO)
    set_list_price(
        variant.pk, market, Decimal(15), is_reduction=True,
        valid_from=NOW + DAY, valid_to=NOW + 3 * DAY, now=NOW,
    )  # fmt: skip
    assert rows(variant) == [
        ("manual", "20.00", LONG_AGO, NOW + DAY),
        ("manual", "15.00", NOW + DAY, NOW + 3 * DAY),
        ("manual", "20.00", NOW + 3 * DAY, None),
    ]


def test_price_for_a_time_gives_a_derived_one_back(variant: Variant, market: Market) -> None:
    add_base_price(variant, "19.99")
    derive_prices(now=NOW)
    set_list_price(
        variant.pk, market, Decimal(15), valid_from=NOW + DAY, valid_to=NOW + 3 * DAY, now=NOW
    )
    derive_prices(now=NOW + 2 * DAY)
    derive_prices(now=NOW + 3 * DAY)
    assert [row[:2] for row in rows(variant)] == [
        ("derived", "19.99"), ("manual", "15.00"), ("derived", "19.99"),
    ]  # fmt: skip


def test_open_price_lasts_until_the_one_planned_by_hand(variant: Variant, market: Market) -> None:
    make_price(variant, market, "9", valid_from=NOW + 5 * DAY)
    set_list_price(variant.pk, market, Decimal(8), valid_from=NOW, now=NOW)
    assert rows(variant) == [
        ("manual", "8.00", NOW, NOW + 5 * DAY), ("manual", "9.00", NOW + 5 * DAY, None),
    ]  # fmt: skip


def test_price_over_one_that_is_planned_within_its_time_is_refused(
    variant: Variant, market: Market
) -> None:
    planned = make_price(variant, market, "9", valid_from=NOW + 5 * DAY)
    with pytest.raises(PriceAlreadyPlanned) as refused:
        set_list_price(
            variant.pk, market, Decimal(8), valid_from=NOW, valid_to=NOW + 9 * DAY, now=NOW
        )
    assert refused.value.price == planned
    assert Price.objects.get() == planned


def test_price_of_the_same_moment_is_written_over(variant: Variant, market: Market) -> None:
    first = set_list_price(
        variant.pk, market, Decimal(8), min_quantity=5, valid_from=NOW + DAY, now=NOW
    )
    again = set_list_price(
        variant.pk, market, Decimal(7), min_quantity=5, valid_from=NOW + DAY, now=NOW
    )
    assert again.pk == first.pk
    assert Price.objects.get().amount == Money(7, "EUR")


def test_price_for_a_time_is_written_over_an_open_one_of_the_same_moment(
    variant: Variant, market: Market
) -> None:
    set_list_price(variant.pk, market, Decimal(8), valid_from=NOW + DAY, now=NOW)
    set_list_price(
        variant.pk, market, Decimal(7), valid_from=NOW + DAY, valid_to=NOW + 2 * DAY, now=NOW
    )
    assert rows(variant) == [
        ("manual", "7.00", NOW + DAY, NOW + 2 * DAY), ("manual", "8.00", NOW + 2 * DAY, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount": Decimal(0)}, ValueError),
        ({"amount": Decimal("1.001")}, InexactAmount),
        ({"min_quantity": 0}, ValueError),
        ({"valid_from": NOW - DAY}, ValueError),
        ({"valid_to": NOW}, ValueError),
    ],
)
def test_set_list_price_refuses_what_makes_no_sense(
    variant: Variant, market: Market, changes: dict[str, object], error: type[Exception]
) -> None:
    fields = {"amount": Decimal(5), "valid_from": NOW, **changes}
    with pytest.raises(error):
        set_list_price(variant.pk, market, fields.pop("amount"), now=NOW, **fields)  # type: ignore[arg-type]
    assert not Price.objects.exists()


def test_end_list_price_ends_what_began_and_takes_back_what_did_not(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    running = set_list_price(
        variant.pk, market, Decimal(8), group=trade, valid_from=LONG_AGO, now=LONG_AGO
    )
    planned = set_list_price(
        variant.pk, market, Decimal(7), min_quantity=5, valid_from=NOW + DAY, now=NOW
    )
    for row in (running, planned):
        end_list_price(row.pk, now=NOW)
    assert rows(variant) == [("manual", "8.00", LONG_AGO, NOW)]


def test_end_list_price_of_everybodys_brings_the_derived_back(
    variant: Variant, market: Market
) -> None:
    add_base_price(variant, "19.99")
    row = set_list_price(variant.pk, market, Decimal(8), valid_from=LONG_AGO, now=LONG_AGO)
    end_list_price(row.pk, now=NOW)
    assert price_of(variant, market) == Decimal("19.99")
    with pytest.raises(ValueError, match="by hand"):
        end_list_price(Price.objects.get(kind="derived").pk, now=NOW)


@pytest.mark.parametrize("lasts", [None, NOW + 2 * DAY])
def test_price_taken_back_lets_the_one_before_go_on(
    variant: Variant, market: Market, lasts: datetime | None
) -> None:
    make_price(variant, market, "20")
    planned = set_list_price(
        variant.pk, market, Decimal(8), valid_from=NOW + DAY, valid_to=lasts, now=NOW
    )
    end_list_price(planned.pk, now=NOW)
    for day in (0, 1, 2, 9):
        assert price_of(variant, market, at=NOW + day * DAY) == 20


def test_list_prices_stay_when_everybodys_is_derived_set_or_cleared(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    add_base_price(variant, "19.99")
    listed = set_list_price(
        variant.pk, market, Decimal(8), group=trade, valid_from=LONG_AGO, now=LONG_AGO
    )
    derive_prices(now=NOW)
    set_manual_price(variant.pk, market, Decimal(30), now=NOW + DAY)
    clear_manual_price(variant.pk, market, now=NOW + 2 * DAY)
    kept = Price.objects.get(pk=listed.pk)
    assert (kept.amount, kept.valid_to) == (Money(8, "EUR"), None)
    assert price_of(variant, market, at=NOW + 2 * DAY) == Decimal("19.99")


def test_database_holds_one_row_per_group_and_quantity(
    variant: Variant, market: Market, trade: CustomerGroup
) -> None:
    slots: list[dict[str, Any]] = [
        {}, {"min_quantity": 5}, {"group": trade}, {"group": trade, "min_quantity": 5},
    ]  # fmt: skip
    for slot in slots:
        make_price(variant, market, **slot)
    for slot in slots:
        with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
            make_price(variant, market, valid_from=timezone.now(), **slot)


@pytest.mark.parametrize("fields", [{"min_quantity": 5}, {"is_reduction": True}])
def test_database_refuses_a_derived_price_that_is_not_everybodys(
    variant: Variant, market: Market, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="price_derived_is_everybodys"):
        make_price(variant, market, kind="derived", conversion=Decimal(1), **fields)


def test_database_refuses_a_price_from_no_unit(variant: Variant, market: Market) -> None:
    with pytest.raises(IntegrityError, match="price_from_one_unit"):
        make_price(variant, market, min_quantity=0)
