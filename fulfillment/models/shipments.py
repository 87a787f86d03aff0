from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.delivery import CarrierService
from fulfillment.models.stock import Warehouse
from orders.models import Order, OrderLine


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
