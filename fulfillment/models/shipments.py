from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.delivery import CarrierService
from fulfillment.models.stock import Warehouse
from markets.models import Market
from orders.models import Order, OrderLine


class RoutingPolicy(models.Model):
    """What weighs in where an order ships from, beside what carriers ask; amounts in EUR."""

    market = models.OneToOneField(
        Market, models.CASCADE, null=True, blank=True, related_name="routing_policy",
        help_text=_("Empty: every market without one of its own."),
    )  # fmt: skip
    line_cost = models.DecimalField(
        _("picking a line, EUR"),
        max_digits=8,
        decimal_places=2,
        default=0,
    )
    split_penalty = models.DecimalField(
        _("each further parcel, EUR"), max_digits=8, decimal_places=2, default=0,
        help_text=_("What a second parcel costs the shopper's patience, beside its freight."),
    )  # fmt: skip
    late_penalty = models.DecimalField(
        _("each day late and parcel, EUR"), max_digits=8, decimal_places=2, default=100,
        help_text=_("So high that a late parcel is sent only where nothing else can be."),
    )  # fmt: skip
    day_penalty = models.DecimalField(
        _("each day on the way, EUR"), max_digits=8, decimal_places=2, default=0, db_default=0,
        help_text=_("What a day is worth where services of one delivery option differ in days."),
    )  # fmt: skip
    scarcity = models.DecimalField(
        _("the last unit of a warehouse, EUR"), max_digits=8, decimal_places=2, default=0,
        help_text=_("A unit costs this share of it the fewer are left there."),
    )  # fmt: skip
    saving = models.DecimalField(
        _("move for a saving from, EUR"), max_digits=8, decimal_places=2, default=Decimal("0.50"),
        help_text=_("A planned order moves to a better plan only for so much."),
    )  # fmt: skip
    max_parcels = models.PositiveSmallIntegerField(_("parcels at most"), null=True, blank=True)

    class Meta:
        verbose_name = _("routing policy")
        verbose_name_plural = _("routing policies")
        ordering: ClassVar = ["market"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["market"], nulls_distinct=False, name="routing_policy_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    line_cost__gte=0, split_penalty__gte=0, late_penalty__gte=0,
                    day_penalty__gte=0, scarcity__gte=0, saving__gte=0,
                ),
                name="routing_policy_not_negative",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.market_id or "*")


class RoutingDecision(models.Model):
    """Why an order ships from where it ships: the plan taken and the plans turned down.

    The last one of an order is in force; those before it stay as they were.
    """

    class Cause(models.TextChoices):
        RELEASED = "released", _("order released")
        BETTER = "better", _("a better plan came up")
        SHORT = "short", _("units were missing at the shelf")
        CARRIER = "carrier", _("the carrier could not take it")
        STAFF = "staff", _("decided by staff")

    order = models.ForeignKey(Order, models.PROTECT, related_name="routings")
    is_current = models.BooleanField(_("in force"), default=True, db_default=True)
    cause = models.CharField(
        _("cause"), max_length=10, choices=Cause.choices, default=Cause.RELEASED,
        db_default="released",
    )  # fmt: skip
    note = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cost = models.DecimalField(_("cost, EUR"), max_digits=10, decimal_places=2, default=Decimal(0))
    parcels = models.PositiveSmallIntegerField(_("parcels"))
    plan = models.JSONField(_("plan"))
    rejected = models.JSONField(_("plans turned down"), default=list)
    decided_at = models.DateTimeField(_("decided at"))
    reviewed_at = models.DateTimeField(
        _("looked at again at"), null=True, blank=True,
        help_text=_("When it was last compared with what else there is."),
    )  # fmt: skip
    # Names the state of all lanes that it was made or compared with: `routes.network_digest`.
    network = models.CharField(max_length=16, blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["decided_at"],
                name="routing_decision_in_force",
                condition=models.Q(is_current=True),
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(is_current=True),
                name="routing_decision_one_in_force",
            ),
            models.CheckConstraint(
                condition=~models.Q(cause="staff", note=""),
                name="routing_decision_of_staff_has_reason",
            ),
        ]

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

    class Resolution(models.TextChoices):
        """What staff made of a parcel that was lost or damaged on its way."""

        RESENT = "resent", _("sent again")
        REFUNDED = "refunded", _("paid back")

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
    expected_on = models.DateField(
        _("now expected on"), null=True, blank=True,
        help_text=_("The day that the carrier names since it is late."),
    )  # fmt: skip
    resolution = models.CharField(
        _("resolution"), max_length=10, choices=Resolution.choices, blank=True, db_default=""
    )
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
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(resolution="")
                | models.Q(status="exception", resolution__in=["resent", "refunded"]),
                name="shipment_resolution_of_exception",
            )
        ]

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
