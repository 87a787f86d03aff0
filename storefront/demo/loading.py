from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from catalog.indexing import index_products
from catalog.models import Product
from markets.landed_cost.loading import load_duties
from markets.loading import load_day, load_tax_rates
from markets.pricing import derive_prices
from storefront.accounts.models import User
from storefront.demo.goods import load_goods
from storefront.demo.legality import load_legality
from storefront.demo.markets import load_markets
from storefront.demo.promotions import load_promotions
from storefront.demo.rates import enter_rates
from storefront.demo.supply import load_supply
from storefront.demo.taxes import load_taxes
from storefront.demo.warehouses import load_warehouses

MERCHANT = "merchant@entrepot.example"
OPS = "ops@entrepot.example"


def load_demo(*, now: datetime) -> dict[str, int]:
    """Load the demo shop, or bring it back to what it should be; gives what there is of what.

    Orders, carts and stock that was moved are left alone. Raises ImproperlyConfigured in
    production, whose log-ins would be known to everyone.
    """
    if settings.PRODUCTION:
        raise ImproperlyConfigured("The demo shop is not for production.")
    with transaction.atomic():
        _load_accounts()
        load_tax_rates()
        load_day()
        load_markets()
        load_taxes()
        load_duties()
        enter_rates(now=now)
        variants = load_goods(now=now)
        load_legality()
        load_warehouses(variants, now=now)
        load_promotions(now=now)
    load_supply(now=now)
    derive_prices(now=now)
    products = list(Product.objects.values_list("pk", flat=True))
    index_products(products, now=now)
    return {"products": len(products), "variants": len(variants)}


def _load_accounts() -> None:
    ops, _ = Group.objects.get_or_create(name="Ops")
    ops.permissions.set(
        Permission.objects.filter(
            content_type__app_label__in=["fulfillment", "orders"], codename__startswith="view_"
        )
        | Permission.objects.filter(
            content_type__app_label="fulfillment",
            codename__in=[
                "change_shipment",
                "change_return",
                "add_stockmovement",
                "add_incomingstock",
                "change_incomingstock",
                "add_transfer",
                "change_transfer",
                # Counting; to approve a count is the merchant's.
                "add_stockcount",
            ],
        )
    )
    if not User.objects.filter(email=MERCHANT).exists():
        User.objects.create_superuser(MERCHANT, settings.DEMO_PASSWORD, first_name="Mara")
    if not User.objects.filter(email=OPS).exists():
        user = User.objects.create_user(
            OPS, settings.DEMO_PASSWORD, is_staff=True, first_name="Ole"
        )
        user.groups.add(ops)
