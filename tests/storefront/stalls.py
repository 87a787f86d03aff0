"""The demo's twelve markets with all their law, and a few goods that anybody can add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.landed_cost.loading import load_law
from markets.loading import load_day, load_tax_rates
from markets.models import Market
from markets.money import quantise
from storefront.demo.markets import load_markets
from storefront.demo.rates import enter_rates
from storefront.demo.taxes import load_taxes
from storefront.demo.warehouses import load_warehouses
from tests.factories import NOW, make_method, make_price, make_product, make_stock, make_variant

D = Decimal
# A state with a registration, one without, and one that has no sales tax.
STATES = {"US": ("NY", "CO", "OR")}


@dataclass(frozen=True)
class Stall:
    """The demo's markets with three goods: one near, one far, one in two halves."""

    markets: tuple[Market, ...]
    goods: tuple[Variant, ...]


def open_stall() -> Stall:
    """Load the demo's markets, law and warehouses, and three goods with a price everywhere."""
    load_tax_rates()
    load_day()
    load_markets()
    load_taxes()
    load_law()
    enter_rates(now=NOW)
    load_warehouses([], now=NOW)
    facts = [
        ("620520", "CN", "standard"),
        ("640399", "PT", "standard"),
        ("090121", "BR", "food"),
    ]
    goods = tuple(
        make_variant(make_product(), hs_code=hs, origin_country=origin, tax_category_id=category)
        for hs, origin, category in facts
    )
    near, far = Warehouse.objects.get(code="rtm"), Warehouse.objects.get(code="ewr")
    make_stock(goods[0], near, 500)
    make_stock(goods[1], far, 500)
    for warehouse in Warehouse.objects.all():
        make_stock(goods[2], warehouse, 300)
    markets = tuple(Market.objects.order_by("position"))
    for market in markets:
        make_method(market, "wire", gateway="bank_transfer", gateway_type="")
        unit = D(1) if market.currency != "JPY" else D(150)
        for good, amount in zip(goods, ("39.90", "129", "7.50"), strict=True):
            price = quantise(D(amount) * unit, market.currency)
            make_price(good, market, f"{price:f}")
    return Stall(markets, goods)


def places(market: Market) -> Iterable[tuple[str, str]]:
    for country in market.countries.order_by("position").values_list("country", flat=True):
        for state in STATES.get(country, ("",)):
            yield country, state
