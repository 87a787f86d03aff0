"""The merchant's whole catalogue in the demo shop: priced, listed, found and bought."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.test import Client
from django.utils import timezone
from djmoney.money import Money

from catalog.models import Product, Variant
from catalog.search import search_products
from fulfillment.models import StockLevel
from markets.loading import load_day, load_tax_rates
from markets.models import Market, Price
from orders.addresses import normalise_address
from payments.methods import list_methods
from storefront.checkout import CheckoutDetails, place_order
from storefront.demo.markets import load_markets
from storefront.demo.rates import enter_rates
from storefront.demo.warehouses import load_warehouses
from storefront.quoting import quote_cart
from storefront.shops import list_shops
from tests.factories import make_cart

pytestmark = pytest.mark.django_db(transaction=True)
CATALOGUE = Path(__file__).parent.parent / "data" / "catalogue_gb.csv"
COUNT = 3_791
WORDS = "white hanging heart"
ADDRESSES = {
    "gb": ("GB", {"name": "Ada King", "street_address": "1 Quay Street", "city": "Bristol",
                  "postal_code": "BS1 4TB"}),
    "jp": ("JP", {"name": "山田 花子", "street_address": "神南 1-2-3", "city": "渋谷区",
                  "country_area": "東京都", "postal_code": "150-0041"}),
    "us": ("US", {"name": "Ada King", "street_address": "1 Quay Street", "city": "Newark",
                  "country_area": "NJ", "postal_code": "07102"}),
}  # fmt: skip


def test_catalogue_is_priced_listed_found_and_bought() -> None:
    load_tax_rates()
    load_day()
    load_markets()
    enter_rates(now=timezone.now())
    load_warehouses([], now=timezone.now())  # The markets and hubs of the demo without its goods.
    out = io.StringIO()
    call_command("import_catalog", CATALOGUE, stock=20, warehouse="rtm", stdout=out, stderr=out)
    now = timezone.now()
    imported = Variant.objects.filter(product__category__key="giftware")
    assert Product.objects.filter(category__key="giftware", status="active").count() == COUNT
    assert imported.count() == COUNT
    heart = imported.get(sku="85123A")

    priced = (
        Price.objects.filter(variant__in=imported, valid_from__lte=now, valid_to=None)
        .values("market__code")
        .annotate(n=Count("variant", distinct=True))
    )
    assert {row["market__code"]: row["n"] for row in priced} == dict.fromkeys(
        Market.objects.values_list("code", flat=True), COUNT
    )
    assert len(priced) == 12

    client = Client()
    shops = {shop.market.code: shop for shop in reversed(list_shops())}
    for shop in list_shops():
        assert search_products(WORDS, language=shop.language)[0] == heart.product_id
    for code in ADDRESSES:
        prefix = f"/{code}-{shops[code].language}"
        category = heart.product.category
        assert category is not None
        listed = client.get(f"{prefix}/c/{category.slug}/", follow=True)
        assert (listed.status_code, len(listed.context["cards"])) == (200, 24)
        assert client.get(f"{prefix}/p/{heart.product.slug}/", follow=True).status_code == 200
        found = client.get(f"{prefix}/search/", {"q": WORDS})
        assert heart.product.title in found.content.decode()

    for code, (country, typed) in ADDRESSES.items():
        shop = shops[code]
        address = normalise_address(country, typed)
        cart = make_cart(shop.market, {heart: 2})
        quote = quote_cart(cart, now=now, country=country, region=address["country_area"])
        assert quote.delivery is not None
        total = Money(quote.total, quote.currency)
        method = list_methods(shop.market, country=country, amount=total, today=now.date())[0]
        details = CheckoutDetails(
            shop=shop,
            email="ada@example.com",
            shipping_address=address,
            billing_address=None,
            delivery_option=quote.delivery.option,
            method=method.code,
            agreed_total=total,
        )
        order, payment = place_order(cart, details=details, now=now)
        assert payment.amount == total
        assert order.net + order.tax == order.gross == quote.total > Decimal(0)
    held = StockLevel.objects.filter(variant=heart).aggregate(n=Sum("reserved"))["n"]
    assert held == 2 * len(ADDRESSES)
