"""Rows for tests: plain functions with sensible defaults, each saving what it makes."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection, transaction
from djmoney.money import Money

from catalog.models import Category, Product, TaxCategory, Variant
from fulfillment.models import (
    Carrier,
    CarrierService,
    DeliveryOption,
    StockMovement,
    Warehouse,
    Zone,
)
from markets.models import (
    Coupon,
    Market,
    MarketCountry,
    MarketLanguage,
    Price,
    Promotion,
    PromotionAmount,
    TaxRate,
)
from markets.promotions import publish_promotion
from orders.models import Address, Cart, CartLine, Order, OrderLine, OrderTaxComponent
from orders.numbers import new_order_number
from payments.models import MethodOffer, Payment, PaymentMethod

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_number = count(1)


def make_tax_category(code: str = "standard") -> TaxCategory:
    return TaxCategory.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def make_market(code: str = "de", **fields: Any) -> Market:
    """Make a market; `languages` maps language to locale, `countries` is in order."""
    languages = fields.pop("languages", {"de": "de_DE", "en": "en_DE"})
    countries = fields.pop("countries", ["DE", "AT"])
    defaults = {
        "name": code.upper(),
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "prices_include_tax": True,
    }
    market = Market.objects.create(code=code, **{**defaults, **fields})
    for position, (language, locale) in enumerate(languages.items()):
        MarketLanguage.objects.create(
            market=market, language=language, locale=locale, position=position
        )
    for position, country in enumerate(countries):
        MarketCountry.objects.create(market=market, country=country, position=position)
        make_tax_rate(country)
    return market


def make_tax_rate(country: str, percent: str = "19", **fields: Any) -> TaxRate:
    category = make_tax_category(fields.pop("category", "standard"))
    defaults = {"name": "VAT", "valid_from": date(2020, 1, 1)}
    return TaxRate.objects.create(
        country=country, percent=Decimal(percent), category=category, **{**defaults, **fields}
    )


def make_category(**fields: Any) -> Category:
    n = next(_number)
    defaults = {"key": f"category-{n}", "name": f"Category {n}", "slug": f"category-{n}"}
    return Category.objects.create(**{**defaults, **fields})


def make_product(**fields: Any) -> Product:
    n = next(_number)
    defaults = {
        "key": f"product-{n}",
        "title": f"Product {n}",
        "slug": f"product-{n}",
        "status": Product.Status.ACTIVE,
    }
    return Product.objects.create(**{**defaults, **fields})


def make_variant(product: Product | None = None, **fields: Any) -> Variant:
    make_tax_category(fields.get("tax_category_id", "standard"))
    defaults = {"sku": f"SKU-{next(_number)}", "weight_grams": 500}
    return Variant.objects.create(product=product or make_product(), **{**defaults, **fields})


def make_price(variant: Variant, market: Market, amount: str = "10.00", **fields: Any) -> Price:
    defaults = {
        "amount": Money(amount, market.currency),
        "kind": Price.Kind.MANUAL,
        "valid_from": LONG_AGO,
    }
    return Price.objects.create(variant=variant, market=market, **{**defaults, **fields})


def make_promotion(
    *markets: Market,
    coupon: str = "",
    amounts: dict[str, tuple[str | None, str | None]] | None = None,
    **fields: Any,
) -> Promotion:
    """Publish a promotion, 10 % off unless told; `amounts` maps currency to (amount, threshold).

    With a coupon's code it needs that coupon.
    """
    action = fields.get("action", Promotion.Action.PERCENT)
    some_percent = {"percent": Decimal(10)} if action == Promotion.Action.PERCENT else {}
    sets = {
        name: fields.pop(name)
        for name in ("products", "categories", "excluded_products", "customer_groups")
        if name in fields
    }
    promotion = Promotion.objects.create(**{
        "name": f"Promotion {next(_number)}", "action": action, "needs_coupon": bool(coupon),
        **some_percent, **fields,
    })  # fmt: skip
    promotion.markets.set(markets)
    for name, rows in sets.items():
        getattr(promotion, name).set(rows)
    for currency, (amount, threshold) in (amounts or {}).items():
        PromotionAmount.objects.create(
            promotion=promotion,
            currency=currency,
            amount=amount and Decimal(amount),
            threshold=threshold and Decimal(threshold),
        )
    if coupon:
        make_coupon(promotion, coupon)
    publish_promotion(promotion.pk, now=LONG_AGO, user_id=None)
    return promotion


def make_coupon(promotion: Promotion, code: str = "SAVE10", **fields: Any) -> Coupon:
    return Coupon.objects.create(promotion=promotion, code=code, **fields)


def make_warehouse(code: str = "rtm", **fields: Any) -> Warehouse:
    defaults = {
        "name": code.upper(),
        "country": "NL",
        "address": "Kade 1",
        "time_zone": "Europe/Amsterdam",
        "cutoff": time(15, 0),
    }
    return Warehouse.objects.create(code=code, **{**defaults, **fields})


def make_carrier(code: str = "carrier", **fields: Any) -> Carrier:
    made, _ = Carrier.objects.get_or_create(code=code, defaults={"name": code.title(), **fields})
    return made


def make_service(code: str = "standard", **fields: Any) -> CarrierService:
    carrier = fields.pop("carrier", None) or make_carrier()
    defaults = {"carrier": carrier, "name": code.title(), "option": code}
    return CarrierService.objects.create(code=f"{code}-service", **{**defaults, **fields})


def make_zone(
    service: CarrierService, warehouse: Warehouse, countries: list[str], **fields: Any
) -> Zone:
    defaults = {
        "base_cost": Decimal("4.00"),
        "cost_per_kg": Decimal("1.00"),
        "transit_days_min": 1,
        "transit_days_max": 3,
    }
    return Zone.objects.create(
        service=service, warehouse=warehouse, countries=countries, **{**defaults, **fields}
    )


def make_delivery_option(market: Market, code: str = "standard", **fields: Any) -> DeliveryOption:
    price = Money(fields.pop("price", "4.90"), market.currency)
    return DeliveryOption.objects.create(
        market=market, code=code, **{"name": code.title(), "price": price, **fields}
    )


def make_stock(variant: Variant, warehouse: Warehouse, quantity: int = 10) -> None:
    StockMovement.objects.create(
        variant=variant,
        warehouse=warehouse,
        kind=StockMovement.Kind.RECEIPT,
        quantity=quantity,
        reference="test",
        occurred_at=NOW,
    )


def make_method(market: Market, code: str = "card", **fields: Any) -> PaymentMethod:
    """Make a payment method that the market offers; a Stripe card that captures later."""
    defaults = {
        "gateway": PaymentMethod.Gateway.STRIPE,
        "gateway_type": code,
        "name": code.title(),
        "captures_later": code == "card",
    }
    method = PaymentMethod.objects.filter(code=code).first() or PaymentMethod.objects.create(
        code=code, **{**defaults, **fields}
    )
    MethodOffer.objects.create(method=method, market=market)
    return method


def make_address(country: str = "DE", **fields: Any) -> Address:
    defaults = {
        "name": "Ada Lindgren",
        "street_address": "Hafenstraße 1",
        "city": "Hamburg",
        "postal_code": "20457",
    }
    return Address.objects.create(country=country, **{**defaults, **fields})


def make_cart(market: Market, lines: dict[Variant, int] | None = None, **fields: Any) -> Cart:
    cart = Cart.objects.create(market=market, **fields)
    for variant, quantity in (lines or {}).items():
        CartLine.objects.create(cart=cart, variant=variant, quantity=quantity)
    return cart


def make_order(
    market: Market, lines: dict[Variant, int] | None = None, *, unit_price: str = "10.00",
    **fields: Any,
) -> Order:  # fmt: skip
    """Make an order without tax or delivery: its total is the sum of its lines."""
    lines = lines or {make_variant(): 1}
    price = Decimal(unit_price)
    total = price * sum(lines.values())
    shipping = fields.pop("shipping_address", None) or make_address(
        market.countries.order_by("position")[0].country
    )
    defaults = {
        "number": new_order_number(),
        "cart": make_cart(market, status=Cart.Status.ORDERED),
        "language": "en",
        "locale": "en_GB",
        "currency": market.currency,
        "email": "ada@example.com",
        "shipping_address": shipping,
        "billing_address": shipping,
        "delivery_option": "standard",
        "prices_include_tax": market.prices_include_tax,
        "net": total,
        "tax": Decimal(0),
        "gross": total,
        "placed_at": NOW,
        "priced_at": NOW,
    }
    order = Order.objects.create(market=market, **{**defaults, **fields})
    for variant, quantity in lines.items():
        known = Price.objects.filter(variant=variant, market=market).first()
        OrderLine.objects.create(
            order=order,
            variant=variant,
            sku=variant.sku,
            title=variant.product.title,
            quantity=quantity,
            unit_price=price,
            net=price * quantity,
            tax=Decimal(0),
            gross=price * quantity,
            tax_percent=Decimal(0),
            tax_category_id=str(variant.tax_category_id),
            price=known or make_price(variant, market, unit_price),
        )
    if (order.net, order.tax, order.gross) == (total, Decimal(0), total):
        make_tax_components(order)
    return order


def make_tax_components(order: Order, **fields: Any) -> list[OrderTaxComponent]:
    """Make one component for each line and charge that has none; they are checked at once."""
    common = {
        "order": order,
        "regime": "domestic",
        "jurisdiction": order.shipping_address.country,
        "ship_from": order.shipping_address.country,
        "parcel": 0,
        **fields,
    }
    rows = [
        OrderTaxComponent(
            line=line, kind="goods", label=line.title, quantity=line.quantity, net=line.net,
            tax=line.tax, gross=line.gross, percent=line.tax_percent, tax_name=line.tax_name,
            **common,
        )
        for line in order.lines.filter(tax_components=None)
    ] + [
        OrderTaxComponent(
            charge=charge, kind="shipping" if charge.kind == "shipping" else "fee",
            label=charge.label, net=charge.net, tax=charge.tax, gross=charge.gross,
            percent=charge.tax_percent, **common,
        )
        for charge in order.charges.filter(tax_components=None)
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        made = OrderTaxComponent.objects.bulk_create(rows)
        # A test may change the order's amounts later on; here they have to add up.
        cursor.execute("SET CONSTRAINTS order_tax_components_add_up IMMEDIATE")
        cursor.execute("SET CONSTRAINTS order_tax_components_add_up DEFERRED")
    return made


def make_payment(order: Order, method: PaymentMethod | None = None, **fields: Any) -> Payment:
    return Payment.objects.create(
        order=order,
        method=method or make_method(order.market),
        **{"amount": Money(order.gross, order.currency), **fields},
    )
