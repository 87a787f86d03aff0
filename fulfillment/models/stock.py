from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
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
    daily_parcels = models.PositiveIntegerField(
        _("parcels a day"), null=True, blank=True,
        help_text=_("What it can send on a working day; empty: as many as there are."),
    )  # fmt: skip
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
    """What lies in a warehouse. `on_hand` follows from the movements: a trigger adds them up.

    `reserved` counts what orders hold and what is laid out in buckets for them; `preordered`
    counts what orders hold of units that are not here yet.
    """

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="stock")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    safety = models.PositiveIntegerField(
        _("safety stock"), default=0, db_default=0,
        help_text=_("Units that are never offered: for damage, miscounts, the shop next door."),
    )  # fmt: skip
    preorder_limit = models.PositiveIntegerField(
        _("sold ahead at most"), default=0, db_default=0,
        help_text=_("How many units of what is coming with a date may be sold before they are in."),
    )  # fmt: skip
    preordered = models.PositiveIntegerField(_("sold ahead"), default=0, db_default=0)
    buckets = models.PositiveSmallIntegerField(
        _("buckets"), default=0, db_default=0,
        help_text=_("Into how many rows a hot seller is split, so that buyers do not queue: 16."),
    )  # fmt: skip
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering: ClassVar = ["variant", "warehouse"]
        # Not a B-tree: a sale would then rewrite every index of the row.
        indexes: ClassVar = [BrinIndex(fields=["changed_at"], name="stock_level_changed")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="stock_level_once"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, on_hand__gte=models.F("reserved")),
                name="stock_reserved_within_on_hand",
            ),
            models.CheckConstraint(
                condition=models.Q(preorder_limit__gte=models.F("preordered")),
                name="stock_sold_ahead_within_limit",
                violation_error_message=_("More units than that are sold ahead already."),
            ),
            models.CheckConstraint(
                condition=models.Q(buckets__lte=64), name="stock_buckets_at_most_64"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id} {self.variant_id}: {self.on_hand} − {self.reserved}"

    @property
    def free(self) -> int:
        """Give the units that are neither reserved nor laid out in buckets, safety included."""
        return self.on_hand - self.reserved


class StockBucket(models.Model):
    """Free units of a hot level, laid out to be taken without locking the level.

    They count as reserved there. Whoever waits for a bucket holds all the levels it wants.
    """

    level = models.ForeignKey(StockLevel, models.CASCADE, related_name="bucket_rows")
    position = models.PositiveSmallIntegerField(_("position"))
    free = models.PositiveIntegerField(_("free units"), default=0, db_default=0)

    class Meta:
        verbose_name = _("stock bucket")
        verbose_name_plural = _("stock buckets")
        ordering: ClassVar = ["level", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "position"], name="stock_bucket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.level_id}/{self.position}: {self.free}"


class StockMovement(models.Model):
    """One line of the ledger: units in (positive) or out. The database refuses changes."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipt")
        SALE = "sale", _("sale")
        RETURN = "return", _("return")
        COUNT = "count", _("stock count")
        TRANSFER_OUT = "transfer_out", _("sent to another warehouse")
        TRANSFER_IN = "transfer_in", _("came from another warehouse")
        DAMAGE = "damage", _("damaged or lost")

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    quantity = models.IntegerField(_("quantity"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    # Of the form that it was entered with: sent twice, it is booked once.
    entry_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(quantity=0), name="stock_movement_not_zero"),
            # One sale per shipment line, one return per return line, however often it is tried.
            models.UniqueConstraint(
                fields=["kind", "reference", "variant"],
                condition=models.Q(kind__in=["sale", "return", "transfer_out", "transfer_in"]),
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
    """Units of one variant held in one warehouse; `quantity` shrinks as they are shipped.

    `ahead` are units that are not in yet; they become `quantity` as they arrive.
    """

    reservation = models.ForeignKey(Reservation, models.CASCADE, related_name="lines")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    ahead = models.PositiveIntegerField(_("sold ahead"), default=0, db_default=0)

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
