"""Nobody sees one price and pays another: each place gives the same amount for the same input."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from djmoney.money import Money
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.admin.price_words import write_amount
from markets.models import CustomerGroup, Market, Price
from markets.pricing import prices_in_force, quote_price
from orders.models import Cart
from storefront.checkout import CheckoutDetails, place_order
from storefront.pages.cards import make_cards
from storefront.pages.cart_switch import compare_markets
from storefront.pages.listing import ListQuery, list_by_category
from storefront.pages.product_details import describe_product
from storefront.quoting import quote_cart
from storefront.shops import Shop, use_shop
from tests.factories import (
    make_cart,
    make_category,
    make_price,
    make_product,
    make_stock,
    make_variant,
)
from tests.storefront.pages.shelf import add, offer_card, open_markets, words
from tests.storefront.test_checkout import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A price of the list: for one of three groups or everybody, and a time around now."""

    amount: Decimal
    group: int | None
    min_quantity: int
    starts: int
    ends: int | None


amounts = st.integers(100, 4000).map(lambda cents: Decimal(cents) / 100)
rows = st.builds(
    Row,
    amount=amounts,
    group=st.sampled_from([None, None, 0, 1]),
    min_quantity=st.sampled_from([1, 1, 3, 5]),
    starts=st.sampled_from([-20, -5, 3]),
    ends=st.sampled_from([None, -2, 9]),
)


@dataclass(frozen=True)
class World:
    market: Market
    other: Market
    variant: Variant
    groups: tuple[CustomerGroup, ...]
    boss: Client


@pytest.fixture
def world(db: None) -> World:
    markets = open_markets("de", "ch")
    offer_card(markets["de"])
    variant = make_variant(make_product(category=make_category()))
    make_stock(variant, Warehouse.objects.get(), 1000)
    boss = Client()
    boss.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    groups = tuple(CustomerGroup.objects.create(code=code, name=code) for code in "ab")
    return World(markets["de"], markets["ch"], variant, groups, boss)


def keep(world: World, given_rows: list[Row]) -> None:
    """Put the rows on the list that the database takes beside one another."""
    now = timezone.now()
    taken: dict[tuple[int | None, int], list[tuple[int, float]]] = {}
    for row in given_rows:
        span = (row.starts, row.ends if row.ends is not None else float("inf"))
        slot = taken.setdefault((row.group, row.min_quantity), [])
        if span[0] >= span[1] or any(span[0] < b and a < span[1] for a, b in slot):
            continue
        slot.append(span)
        make_price(
            world.variant,
            world.market,
            str(row.amount),
            group=None if row.group is None else world.groups[row.group],
            min_quantity=row.min_quantity,
            valid_from=now + row.starts * DAY,
            valid_to=None if row.ends is None else now + row.ends * DAY,
            is_reduction=row.amount < 10,
        )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    given_rows=st.lists(rows, max_size=8),
    quantity=st.sampled_from([1, 2, 3, 7]),
    membership=st.sets(st.sampled_from([0, 1])),
)
def test_every_place_gives_the_same_price(
    world: World, given_rows: list[Row], quantity: int, membership: set[int]
) -> None:
    _clear(world)
    keep(world, given_rows)
    now = timezone.now()
    market, variant = world.market, world.variant
    user = get_user_model().objects.create_user(email=f"{now.timestamp()}@example.org")
    user.customer_groups.set([world.groups[i] for i in membership])
    group_ids = [world.groups[i].pk for i in membership]
    public = quote_price(variant.pk, market, moment=now).amount
    own = quote_price(variant.pk, market, moment=now, quantity=quantity, group_ids=group_ids).amount

    # What everybody sees of one unit.
    shop = Shop(market, "de", "de_DE", "DE")
    category = variant.product.category
    assert category is not None
    listing = list_by_category([category.pk], market, query=ListQuery(), now=now)
    with use_shop(shop):
        cards = make_cards(listing.items, market)
        assert [card.price.amount for card in cards] == ([] if public is None else [public])
        if public is not None:
            details = describe_product(variant.product, shop, sku=variant.sku, now=now)
            assert details.price == Money(public, "EUR")
            assert details.reduction == cards[0].reduction
    in_force = prices_in_force([variant.pk], market, now=now)
    assert in_force.keys() == (set() if public is None else {variant.pk})

    # What this shopper sees, and pays, of so many.
    cart = make_cart(market, {variant: quantity}, user=user)
    quote = quote_cart(cart, now=now, country="DE", option="standard")
    assert quote.lines[0].price is None if own is None else quote.lines[0].unit_price == own
    elsewhere = make_cart(world.other, {variant: quantity}, user=user)
    with use_shop(shop):
        compared = compare_markets(elsewhere, shop, now=now).lines[0].unit_after
    assert (compared and compared.amount) == own
    asked: dict[str, Any] = {
        "sku": variant.sku, "market": market.pk, "quantity": quantity, "groups": group_ids,
    }  # fmt: skip
    preview = world.boss.get(reverse("admin:markets_price_preview"), asked).context["preview"]
    assert preview.amount == ("" if own is None else write_amount(own, "EUR"))
    if own is None:
        return
    assert public is None or own <= public
    order, _payment = place_order(
        cart,
        details=CheckoutDetails(
            shop=shop,
            email="ada@example.com",
            shipping_address=ADDRESS,
            billing_address=None,
            delivery_option="standard",
            method="card",
            agreed_total=Money(quote.total, "EUR"),
            user=user,
        ),
        now=now,
    )
    line = order.lines.get()
    assert (line.unit_price, line.gross) == (own, own * quantity)
    assert line.price.amount == Money(own, "EUR")


def _clear(world: World) -> None:
    """Let each example start without prices; those that orders tell of have ended long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE markets_price SET valid_from = '2001-01-01', valid_to = '2001-01-01'"
        )


def test_cart_follows_who_is_signed_in(world: World) -> None:
    make_price(world.variant, world.market, "20")
    make_price(world.variant, world.market, "12", group=world.groups[0])
    member = get_user_model().objects.create_user(email="ada@example.org")
    member.customer_groups.add(world.groups[0])
    browser = Client()
    add(browser, "de-en", world.variant)
    assert "€20.00 each" in words(browser.get("/de-en/cart/"))
    browser.force_login(member)
    assert "€12.00 each" in words(browser.get("/de-en/cart/"))
    browser.logout()
    add(browser, "de-en", world.variant)
    cart = Cart.objects.latest("pk")
    assert "each" in words(browser.get("/de-en/cart/"))
    cart.refresh_from_db()
    assert cart.user_id is None


def test_quantity_price_holds_in_the_cart_and_after_a_switch(world: World) -> None:
    for market, one, many in ((world.market, "20", "15"), (world.other, "22", "16")):
        make_price(world.variant, market, one)
        make_price(world.variant, market, many, min_quantity=3)
    browser = Client()
    add(browser, "de-en", world.variant, 3)
    assert "€15.00 each" in words(browser.get("/de-en/cart/"))
    text = words(browser.get("/ch-en/cart/switch/"))
    for amounts_shown in ("€ 45.00€ 15.00 each", "CHF 48.00CHF 16.00 each"):
        assert amounts_shown in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "€15.00 each from 3 on" in words(browser.get(product_url(world)))


def product_url(world: World) -> str:
    return f"/de-en/p/{world.variant.product.slug}/"


def reduce(world: World) -> None:
    now = timezone.now()
    Market.objects.filter(pk=world.market.pk).update(lowest_price_days=30)
    make_price(world.variant, world.market, "20", valid_to=now - 9 * DAY)
    make_price(world.variant, world.market, "25", valid_from=now - 9 * DAY, valid_to=now - DAY)
    make_price(world.variant, world.market, "15", valid_from=now - DAY, is_reduction=True)


def test_reduction_is_announced_with_the_lowest_price_of_the_days_before(world: World) -> None:
    reduce(world)
    browser = Client()
    add(browser, "de-en", world.variant)
    category = world.variant.product.category
    assert category is not None
    announced = (
        "Before the reduction: €20.00 −25%",
        "Lowest price of the 30 days before the reduction: €20.00",
    )
    for page in (f"/de-en/c/{category.slug}/", product_url(world), "/de-en/cart/", "/de-en/"):
        answer = browser.get(page)
        assert all(text in words(answer) for text in announced), page
        assert "<s><bdi" in answer.content.decode(), page
    Market.objects.update(lowest_price_days=0)
    assert "Lowest price" not in words(browser.get("/de-en/cart/"))


def test_reduction_that_is_none_is_not_announced(world: World) -> None:
    reduce(world)
    Price.objects.filter(is_reduction=True).update(amount=Decimal("20.00"))
    for page in (product_url(world), "/de-en/"):
        text = words(Client().get(page))
        assert "Lowest price" not in text
        assert "Before the reduction" not in text


@pytest.mark.parametrize("reduced", [False, True])
def test_reductions_cost_the_cart_one_query(world: World, reduced: bool) -> None:
    def queries(lines: int) -> int:
        variants = [make_variant() for _ in range(lines)]
        for variant in variants:
            make_price(variant, world.market, "20", valid_to=timezone.now() - DAY)
            make_price(
                variant, world.market, "15", valid_from=timezone.now() - DAY,
                is_reduction=reduced,
            )  # fmt: skip
        cart = make_cart(world.market, dict.fromkeys(variants, 2))
        with CaptureQueriesContext(connection) as captured:
            quote = quote_cart(Cart.objects.select_related("market").get(pk=cart.pk),
                               now=timezone.now())  # fmt: skip
        assert all(bool(line.reduction) == reduced for line in quote.lines)
        return len(captured)

    Market.objects.update(lowest_price_days=30)
    world.market.refresh_from_db()
    assert queries(1) == queries(5)
