"""Safety facts, notices and unit prices on pages; what law bars shows nowhere it may not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.indexing import index_products
from catalog.models import Manufacturer, Media, Product, ProductSafety, ResponsiblePerson, Variant
from markets.models import Market, ProductRestriction, PublishingRule, UnitPriceRule
from orders.models import Order
from storefront.pages.safety import show_safety, why_not_sold
from storefront.pages.unit_price import write_content
from storefront.quoting import quote_cart
from storefront.shops import find_shop, use_shop
from tests.factories import NOW, make_cart, make_category, make_price, make_variant
from tests.storefront.pages.shelf import add, offer_card, open_markets, sell, titles, words

pytestmark = pytest.mark.django_db
SINCE = date(2020, 1, 1)


@pytest.fixture
def markets() -> dict[str, Market]:
    """Germany and Austria want safety facts, Switzerland none."""
    markets = open_markets("de", "ch")
    for country in ("DE", "AT", "NL"):
        PublishingRule.objects.create(country=country, fact="safety", area="EU", valid_from=SINCE)
    return markets


def make_safe(product: Product, country: str = "DE", **fields: Any) -> ProductSafety:
    maker = Manufacturer.objects.create(
        name=f"Maker of {product.key}", address="Weg 1\n20457 Hamburg", country=country,
        email="maker@example.com",
    )  # fmt: skip
    Media.objects.create(product=product, source_url="https://example.com/a.jpg")
    return ProductSafety.objects.create(
        product=product, manufacturer=maker, **{"needs_no_warnings": True, **fields}
    )


def both_sell(markets: dict[str, Market], **fields: Any) -> Variant:
    variant = sell(markets["de"], "5.95", **fields)
    make_price(variant, markets["ch"], "6.40")
    return variant


def test_product_without_facts_is_in_no_list_of_the_market_and_in_those_of_others(
    client: Client, markets: dict[str, Market]
) -> None:
    shelf = make_category(slug_en="shelf")
    safe = both_sell(markets, category=shelf, title_en="Safe pot", slug_en="safe-pot")
    bare = both_sell(markets, category=shelf, title_en="Bare pot", slug_en="bare-pot")
    make_safe(safe.product)
    index_products([safe.product_id, bare.product_id], now=timezone.now())

    for path in ("c/shelf/", "search/?q=pot", "", "p/safe-pot/"):
        here, there = client.get(f"/de-en/{path}"), client.get(f"/ch-en/{path}")
        shown = "new_goods" if not path else "cards"
        assert "Bare pot" not in [card.title for card in here.context[shown]], path
        assert "Bare pot" in [card.title for card in there.context[shown]], path
    assert titles(client.get("/de-en/c/shelf/")) == ["Safe pot"]
    assert "/p/bare-pot/" not in client.get("/de-en/sitemap.xml").content.decode().replace(
        "/ch-en/p/bare-pot/", ""
    )
    assert "/ch-en/p/bare-pot/" in client.get("/ch-en/sitemap.xml").content.decode()


def test_api_gives_no_price_for_what_law_keeps_out(
    client: Client, markets: dict[str, Market]
) -> None:
    variant = both_sell(markets)

    def price(market: str) -> Any:
        answer = client.get(f"/api/v1/markets/{market}/prices/", {"sku": variant.sku})
        return answer.json()["prices"][0]["price"]

    assert price("de") is None
    assert price("ch")["unit"]["amount"] == "6.40"


def test_reasons_are_told_once(markets: dict[str, Market]) -> None:
    shop = find_shop("de", "en")
    assert shop
    bare = both_sell(markets).product
    barred = both_sell(markets).product
    make_safe(barred)
    for country in ("DE", "AT"):
        ProductRestriction.objects.create(
            country=country, product=barred, effect="barred", reason="law", valid_from=SINCE
        )

    with use_shop(shop):
        assert why_not_sold(bare, shop, now=NOW) == (
            "Its manufacturer is not named yet, as the law here asks.",
            "It has no picture yet, as the law here asks.",
        )
        assert why_not_sold(barred, shop, now=NOW) == (
            "Not delivered to Germany. The law there does not allow it.",
            "Not delivered to Austria. The law there does not allow it.",
        )


def test_responsible_person_is_named_where_the_maker_is_outside_of_the_area(
    markets: dict[str, Market],
) -> None:
    product = both_sell(markets).product
    safety = make_safe(product, "JP")
    for name, country in (("UK Ltd", "GB"), ("NL BV", "NL")):
        safety.responsible_persons.add(
            ResponsiblePerson.objects.create(
                name=name, address="Kade 1", country=country, email="rp@example.com"
            )
        )
    german, swiss = find_shop("de", "en"), find_shop("ch", "en")
    assert german
    assert swiss

    here, there = show_safety(product, german, now=NOW), show_safety(product, swiss, now=NOW)

    assert here.manufacturer == there.manufacturer
    assert here.manufacturer
    assert here.manufacturer.address == ("Weg 1", "20457 Hamburg")
    assert here.responsible
    assert here.responsible.name == "NL BV"
    assert there.responsible is None


def test_warnings_stand_in_the_page_s_language_else_in_the_market_s(
    markets: dict[str, Market],
) -> None:
    product = both_sell(markets).product
    safety = make_safe(
        product, needs_no_warnings=False, warnings_de="Heiß.\n\nNicht fallen lassen."
    )

    def shown(language: str) -> tuple[tuple[str, ...], str]:
        shop = find_shop("de", language)
        assert shop
        found = show_safety(product, shop, now=NOW)
        return found.warnings, found.language

    assert shown("de") == (("Heiß.", "Nicht fallen lassen."), "")
    assert shown("en") == (("Heiß.", "Nicht fallen lassen."), "de")
    safety.warnings_en = "Hot."  # type: ignore[attr-defined]
    safety.save()
    assert shown("en") == (("Hot.",), "")


def test_notice_tells_of_a_country_that_is_left_out(markets: dict[str, Market]) -> None:
    product = both_sell(markets).product
    for country, effect, reason in (("AT", "barred", "law"), ("DE", "restricted", "age")):
        ProductRestriction.objects.create(
            country=country, product=product, effect=effect, reason=reason, valid_from=SINCE
        )
    shop = find_shop("de", "en")
    assert shop

    with use_shop(shop):
        assert show_safety(product, shop, now=NOW).notices == (
            "Not delivered to Austria. The law there does not allow it.",
            "It is sold to adults only.",
        )


def test_card_says_the_unit_price_of_the_price_on_it(
    client: Client, markets: dict[str, Market]
) -> None:
    PublishingRule.objects.all().delete()
    UnitPriceRule.objects.create(country="DE", measure="mass", per_amount=1000, valid_from=SINCE)
    shelf = make_category(slug_en="shelf")
    tin = both_sell(markets, category=shelf, slug_en="tea")
    Variant.objects.filter(pk=tin.pk).update(content_amount=100, content_unit="g")
    large = make_variant(tin.product, content_amount=Decimal(1), content_unit="kg")
    make_price(large, markets["de"], "39.90")

    here, there = words(client.get("/de-en/c/shelf/")), words(client.get("/ch-en/c/shelf/"))

    assert "from €5.95 €59.50 for 1 kg" in here
    assert "for 1 kg" not in there


@pytest.mark.parametrize(
    ("shop", "amount", "unit", "text"),
    [
        ("de-de", "0.750", "l", "0,75 l"),
        ("de-en", "100", "g", "100 g"),
        ("de-en", "1", "piece", "1 piece"),
        ("de-en", "8.000", "piece", "8 pieces"),
        ("de-en", "1.5", "piece", "1.5 pieces"),
    ],
)
def test_content_is_written_as_people_of_the_locale_do(
    markets: dict[str, Market], shop: str, amount: str, unit: str, text: str
) -> None:
    found = find_shop(*shop.split("-"))
    assert found
    with use_shop(found):
        assert write_content(Decimal(amount), unit, found.babel) == text


def test_product_page_shows_who_made_it_what_it_warns_of_and_what_a_kilogram_costs(
    client: Client, markets: dict[str, Market]
) -> None:
    UnitPriceRule.objects.create(country="DE", measure="mass", per_amount=1000, valid_from=SINCE)
    variant = both_sell(markets, slug_en="tea", title_en="Tea")
    Variant.objects.filter(pk=variant.pk).update(content_amount=100, content_unit="g")
    make_safe(variant.product, needs_no_warnings=False, warnings_de="Heiß.", warnings_en="Hot.")

    text = words(client.get("/de-en/p/tea/"))

    assert "€59.50 for 1 kg · contains 100 g" in text
    assert f"ManufacturerMaker of {variant.product.key} Weg 1 20457 Hamburg Germany" in text
    assert "Product safety Hot." in text


def test_product_page_of_a_market_that_may_not_sell_it_says_why_and_is_left_out_of_hreflang(
    client: Client, markets: dict[str, Market]
) -> None:
    both_sell(markets, slug_en="pot", title_en="Pot")

    here, there = client.get("/de-en/p/pot/"), client.get("/ch-en/p/pot/")

    assert (here.status_code, there.status_code) == (404, 200)
    assert "Its manufacturer is not named yet, as the law here asks." in words(here)
    assert 'hreflang="de-DE"' not in there.content.decode()
    assert 'hreflang="de-CH"' in there.content.decode()


def test_cart_says_why_a_line_is_not_sold_and_checkout_refuses_the_barred_country(
    markets: dict[str, Market],
) -> None:
    PublishingRule.objects.all().delete()
    pot = both_sell(markets)
    ProductRestriction.objects.create(
        country="AT", product=pot.product, effect="barred", reason="law", valid_from=SINCE
    )
    cart = make_cart(markets["de"], {pot: 1})

    def line(country: str | None) -> tuple[str, bool]:
        quote = quote_cart(cart, now=NOW, country=country)
        return quote.lines[0].problem, bool(quote.lines[0].obstacles)

    assert line(None) == ("", False)
    assert line("DE") == ("", False)
    assert line("AT") == ("not_sold", True)
    PublishingRule.objects.create(country="DE", fact="safety", area="EU", valid_from=SINCE)
    assert line(None) == line("DE") == ("not_sold", True)


def test_good_that_law_bars_in_the_middle_of_checkout_is_not_ordered(
    client: Client, markets: dict[str, Market]
) -> None:
    PublishingRule.objects.all().delete()
    market = markets["de"]
    offer_card(market)
    pot = both_sell(markets, title_en="Pot")
    add(client, "de-en", pot)
    address = {
        "email": "ada@example.com", "country": "AT", "name": "Ada", "street_address": "Gasse 1",
        "postal_code": "1010", "city": "Wien",
    }  # fmt: skip
    client.post("/de-en/checkout/", address)
    client.post("/de-en/checkout/delivery/", {"delivery": "standard"})
    agreed = client.get("/de-en/checkout/payment/").context["agreed"]
    ProductRestriction.objects.create(
        country="AT", product=pot.product, effect="barred", reason="law", valid_from=SINCE
    )

    answer = client.post("/de-en/checkout/payment/", {"method": "card", "agreed": agreed})

    assert answer.headers["Location"] == "/de-en/checkout/delivery/"
    assert "Pot: Not delivered to Austria. The law there does not allow it." in words(
        client.get("/de-en/checkout/delivery/")
    )
    assert not Order.objects.exists()
