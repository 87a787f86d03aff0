from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from markets.models import country_code, known_time_zone
from orders.models import Order


class Warehouse(models.Model):
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(
        _("state or province"), max_length=10, blank=True, db_default="",
        help_text=_("Its code without the country's, where taxes depend on it: NJ."),
    )  # fmt: skip
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True, db_default="")
    address = models.TextField(_("address"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[known_time_zone])
    cutoff = models.TimeField(
        _("cut-off"), help_text=_("Orders until then count as that day's; in its own time zone.")
    )
    handling_days = models.PositiveSmallIntegerField(
        _("handling, working days"), default=1, help_text=_("0 leaves on the day of the order.")
    )
    receives_returns = models.BooleanField(_("receives returns"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class StockLevel(models.Model):
    """What lies in a warehouse. `on_hand` follows from the movements: a trigger adds them up."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="stock")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering: ClassVar = ["variant", "warehouse"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="stock_level_once"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, on_hand__gte=models.F("reserved")),
                name="stock_reserved_within_on_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id} {self.variant_id}: {self.on_hand} − {self.reserved}"

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One line of the ledger: units in (positive) or out. The database refuses changes."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipt")
        SALE = "sale", _("sale")
        RETURN = "return", _("return")
        COUNT = "count", _("stock count")

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    quantity = models.IntegerField(_("quantity"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    occurred_at = models.DateTimeField(_("occurred at"))

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(quantity=0), name="stock_movement_not_zero"),
            # One sale per shipment line, one return per return line, however often it is tried.
            models.UniqueConstraint(
                fields=["kind", "reference", "variant"],
                condition=models.Q(kind__in=["sale", "return"]),
                name="stock_movement_once_per_reference",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["variant", "warehouse"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d}"


class Reservation(models.Model):
    """Units set aside for an order until they are shipped, or the hold expires."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        CONSUMED = "consumed", _("consumed")
        RELEASED = "released", _("released")

    order = models.OneToOneField(Order, models.PROTECT, related_name="reservation")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Empty once the order is secured.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                name="reservation_expiring",
                condition=models.Q(status="active", expires_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"


class ReservationLine(models.Model):
    """Units of one variant held in one warehouse; `quantity` shrinks as they are shipped."""

    reservation = models.ForeignKey(Reservation, models.CASCADE, related_name="lines")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("reservation line")
        verbose_name_plural = _("reservation lines")
        ordering: ClassVar = ["variant", "warehouse"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reservation", "variant", "warehouse"], name="reservation_line_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id} @ {self.warehouse_id}"
