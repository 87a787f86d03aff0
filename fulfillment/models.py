from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from catalog.models import Variant
from markets.models import Market, country_code, known_time_zone
from orders.models import Order, OrderLine, new_token
from payments.models import Refund


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


class RoutingDecision(models.Model):
    """Why an order ships from where it ships: the plan taken and the plans turned down."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="routing")
    cost = models.DecimalField(_("cost, EUR"), max_digits=10, decimal_places=2, default=Decimal(0))
    parcels = models.PositiveSmallIntegerField(_("parcels"))
    plan = models.JSONField(_("plan"))
    rejected = models.JSONField(_("plans turned down"), default=list)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.parcels}"


class Shipment(models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", _("to pick")
        PICKING = "picking", _("picking")
        PACKED = "packed", _("packed")
        DISPATCHED = "dispatched", _("dispatched")
        DELIVERED = "delivered", _("delivered")
        EXCEPTION = "exception", _("needs attention")
        CANCELLED = "cancelled", _("cancelled")

    number = models.CharField(_("number"), max_length=24, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="shipments")
    service = models.ForeignKey(CarrierService, models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PLANNED
    )
    cost = models.DecimalField(_("cost, EUR"), max_digits=10, decimal_places=2, default=Decimal(0))
    weight_grams = models.PositiveIntegerField(_("weight, g"), default=0)
    ship_by = models.DateTimeField(_("ship by"))
    promised_from = models.DateField(_("promised from"))
    promised_to = models.DateField(_("promised by"))
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    packed_at = models.DateTimeField(_("packed at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering: ClassVar = ["ship_by", "id"]
        indexes: ClassVar = [models.Index(fields=["status", "ship_by"])]

    def __str__(self) -> str:
        return self.number

    @property
    def tracking_url(self) -> str:
        """Where its carrier shows where it is; empty if the carrier does not, or not yet."""
        address = self.service.tracking_url
        if not address or not self.tracking_number:
            return ""
        return address.replace("{number}", quote(self.tracking_number, safe=""))


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="shipment_line_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"


class Return(models.Model):
    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        APPROVED = "approved", _("approved")
        IN_TRANSIT = "in_transit", _("on its way")
        RECEIVED = "received", _("received")
        INSPECTED = "inspected", _("inspected")
        REFUNDED = "refunded", _("refunded")
        CLOSED = "closed", _("closed")
        REJECTED = "rejected", _("rejected")

    number = models.CharField(_("number"), max_length=24, unique=True)
    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="returns",
        help_text=_("The hub that received it."),
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.REQUESTED
    )
    note = models.TextField(_("note"), blank=True)
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, blank=True, related_name="goods_return"
    )
    requested_at = models.DateTimeField(_("requested at"))
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    inspected_at = models.DateTimeField(_("inspected at"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind", _("I changed my mind")
        NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
        WRONG_ITEM = "wrong_item", _("I received the wrong item")
        DAMAGED = "damaged", _("Damaged or defective")
        TOO_SMALL = "too_small", _("Too small")
        TOO_LARGE = "too_large", _("Too large")
        ARRIVED_LATE = "arrived_late", _("Arrived too late")
        OTHER = "other", _("Another reason")

    class Grade(models.TextChoices):
        A = "a", _("A: as new")
        B = "b", _("B: opened")
        C = "c", _("C: used")
        D = "d", _("D: not to be sold")

    class Disposition(models.TextChoices):
        RESTOCK = "restock", _("restock")
        OPEN_BOX = "open_box", _("open box")
        REFURBISH = "refurbish", _("refurbish")
        RECYCLE = "recycle", _("recycle")

    goods_return = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    received = models.PositiveIntegerField(_("received"), default=0)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade.choices, blank=True)
    disposition = models.CharField(
        _("disposition"), max_length=10, choices=Disposition.choices, blank=True
    )
    amount = models.DecimalField(
        _("worth"), max_digits=14, decimal_places=3, null=True, blank=True,
        help_text=_("What the received units cost, in the order's currency; set at inspection."),
    )  # fmt: skip
    duties = models.DecimalField(
        _("duties and fees"), max_digits=14, decimal_places=3, default=Decimal(0),
        db_default=Decimal(0),
        help_text=_("What was charged for the units at a border and comes back with them."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["goods_return", "order_line"], name="return_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, received__lte=models.F("quantity")),
                name="return_line_receives_no_more_than_sent",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="return_line_amount_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"
