from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from catalog.models import Hazard
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


class Carrier(models.Model):
    """Who carries parcels. An adapter buys its labels; without one, people enter the numbers."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    adapter = models.CharField(
        _("adapter"), max_length=20, blank=True,
        help_text=_("How labels are bought; empty: by hand."),
    )  # fmt: skip
    refused_hazards = ArrayField(
        models.CharField(max_length=20, choices=Hazard.choices),
        verbose_name=_("refuses"), default=list, blank=True, db_default=[],
        help_text=_("Hazards that it does not carry at all."),
    )  # fmt: skip
    down_until = models.DateTimeField(
        _("down until"), null=True, blank=True,
        help_text=_("Set when its server fails again and again; others are used until then."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


def monday_to_friday() -> list[int]:
    return [0, 1, 2, 3, 4]


class CarrierService(models.Model):
    """A product of a carrier; it fulfils the delivery options with its `option` code."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, verbose_name=_("carrier"), related_name="services"
    )
    name = models.CharField(_("name"), max_length=80)
    option = models.SlugField(_("delivery option"), max_length=20)
    fuel_percent = models.DecimalField(
        _("fuel surcharge, %"), max_digits=5, decimal_places=2, default=0, db_default=0
    )
    volumetric_divisor = models.PositiveIntegerField(
        _("volumetric divisor, cm³ per kg"), null=True, blank=True,
        help_text=_("5000 charges at least a kilogram for every 5 litres; empty: by weight alone."),
    )  # fmt: skip
    refused_hazards = ArrayField(
        models.CharField(max_length=20, choices=Hazard.choices),
        verbose_name=_("refuses"), default=list, blank=True, db_default=[],
        help_text=_("Hazards that it does not carry, beside those that its carrier refuses."),
    )  # fmt: skip
    pickup_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("pick-up days"), default=monday_to_friday, db_default=[0, 1, 2, 3, 4],
        help_text=_("0 is Monday, 6 Sunday."),
    )  # fmt: skip
    delivery_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("delivery days"), default=monday_to_friday, db_default=[0, 1, 2, 3, 4],
        help_text=_("0 is Monday, 6 Sunday."),
    )  # fmt: skip
    tracking_url = models.CharField(
        _("tracking address"), max_length=200, blank=True, help_text=_("With {number} in it.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier service")
        verbose_name_plural = _("carrier services")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(fuel_percent__gte=0), name="service_fuel_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(pickup_days__contained_by=list(range(7)))
                & models.Q(delivery_days__contained_by=list(range(7)))
                & ~models.Q(pickup_days=[])
                & ~models.Q(delivery_days=[]),
                name="service_days_of_the_week",
                violation_error_message=_("Days are numbers from 0 to 6, one of each at least."),
            ),
        ]

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
    customs_days_min = models.PositiveSmallIntegerField(
        _("customs from, working days"), default=0, db_default=0
    )
    customs_days_max = models.PositiveSmallIntegerField(
        _("customs up to, working days"), default=0, db_default=0
    )
    cutoff = models.TimeField(
        _("cut-off"), null=True, blank=True,
        help_text=_("Where the carrier comes earlier than the warehouse's own cut-off."),
    )  # fmt: skip
    co2_grams_per_kg = models.PositiveIntegerField(
        _("CO₂, g per kg"), null=True, blank=True, help_text=_("Door to door, as the carrier says.")
    )

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
                    customs_days_max__gte=models.F("customs_days_min"),
                ),
                name="zone_sensible",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.warehouse_id} → {', '.join(self.countries)}"


class ZoneBracket(models.Model):
    """What a parcel up to a weight costs; a zone with brackets goes by them alone."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="brackets")
    up_to_grams = models.PositiveIntegerField(_("up to weight, g"))
    cost = models.DecimalField(_("cost per parcel, EUR"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("weight bracket")
        verbose_name_plural = _("weight brackets")
        ordering: ClassVar = ["zone", "up_to_grams"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["zone", "up_to_grams"], name="zone_bracket_once"),
            models.CheckConstraint(
                condition=models.Q(cost__gte=0, up_to_grams__gte=1), name="zone_bracket_sensible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} ≤ {self.up_to_grams} g: {self.cost}"
