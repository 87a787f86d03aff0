from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from fulfillment.models.stock import Warehouse
from markets.models import Market


class DeliveryOption(models.Model):
    """What a shopper of a market chooses between: standard, express; and what it costs there."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="delivery_options")
    code = models.SlugField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    price = MoneyField(_("price"), max_digits=14, decimal_places=3, default_currency=None)
    free_from = models.DecimalField(
        _("free from"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    refunded_up_to = models.DecimalField(
        _("refunded with a whole order"), max_digits=14, decimal_places=3, null=True, blank=True,
        help_text=_(
            "How much of the price is paid back when all of an order comes back. Empty is all of "
            "it, as the EU and the UK want for the cheapest delivery; for a faster one they want "
            "the cheapest one's price. 0 is nothing."
        ),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[models.Manager["DeliveryOption"]] = models.Manager()

    class Meta:
        verbose_name = _("delivery option")
        verbose_name_plural = _("delivery options")
        ordering: ClassVar = ["market", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["market", "code"], name="delivery_option_once"),
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="delivery_option_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_up_to__isnull=True) | models.Q(refunded_up_to__gte=0),
                name="delivery_option_refund_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.code}"


class CarrierService(models.Model):
    """A product of a carrier; it fulfils the delivery options with its `option` code."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    carrier = models.CharField(_("carrier"), max_length=80)
    name = models.CharField(_("name"), max_length=80)
    option = models.SlugField(_("delivery option"), max_length=20)
    tracking_url = models.CharField(
        _("tracking address"), max_length=200, blank=True, help_text=_("With {number} in it.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier service")
        verbose_name_plural = _("carrier services")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"{self.carrier} {self.name}"


class Zone(models.Model):
    """What a service costs us and how long it takes from one warehouse to some countries."""

    service = models.ForeignKey(CarrierService, models.CASCADE, related_name="zones")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="zones")
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"))
    base_cost = models.DecimalField(_("cost per parcel, EUR"), max_digits=10, decimal_places=2)
    cost_per_kg = models.DecimalField(_("cost per kg, EUR"), max_digits=10, decimal_places=2)
    transit_days_min = models.PositiveSmallIntegerField(_("transit from, working days"))
    transit_days_max = models.PositiveSmallIntegerField(_("transit up to, working days"))
    max_weight_grams = models.PositiveIntegerField(_("up to weight, g"), default=30_000)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering: ClassVar = ["service", "warehouse", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    base_cost__gte=0,
                    cost_per_kg__gte=0,
                    transit_days_max__gte=models.F("transit_days_min"),
                ),
                name="zone_sensible",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.warehouse_id} → {', '.join(self.countries)}"
