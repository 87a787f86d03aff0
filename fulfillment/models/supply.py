from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from fulfillment.models.stock import Warehouse


class Transfer(models.Model):
    """Goods that move from one of our warehouses to another."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        SHIPPED = "shipped", _("on its way")
        RECEIVED = "received", _("received")
        CANCELLED = "cancelled", _("cancelled")

    number = models.CharField(_("number"), max_length=24, unique=True)
    origin = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("from"), related_name="transfers_out"
    )
    destination = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("to"), related_name="transfers_in"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    expected_on = models.DateField(_("expected on"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(origin=models.F("destination")),
                name="transfer_between_two_warehouses",
                violation_error_message=_("A transfer goes to another warehouse."),
            )
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(models.Model):
    """Units sent and units that came; the difference is booked with its reason."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    received = models.PositiveIntegerField(_("received"), null=True, blank=True)
    reason = models.CharField(_("reason of the difference"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("transfer line")
        verbose_name_plural = _("transfer lines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transfer", "variant"], name="transfer_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="transfer_line_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class IncomingStock(models.Model):
    """Units on their way to a warehouse with a date: from a supplier, or by a transfer."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="incoming")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="incoming")
    quantity = models.PositiveIntegerField(_("quantity"))
    received = models.PositiveIntegerField(_("received"), default=0, db_default=0)
    expected_on = models.DateField(_("expected on"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    transfer_line = models.OneToOneField(
        TransferLine, models.CASCADE, null=True, blank=True, related_name="incoming"
    )
    closed_at = models.DateTimeField(
        _("closed at"), null=True, blank=True, help_text=_("Nothing more of it will come.")
    )

    class Meta:
        verbose_name = _("incoming stock")
        verbose_name_plural = _("incoming stock")
        ordering: ClassVar = ["expected_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="incoming_stock_not_empty"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["variant", "warehouse", "expected_on"],
                name="incoming_open",
                condition=models.Q(closed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id} {self.expected_on}"


class StockCount(models.Model):
    """What people counted in a warehouse, to be approved before it is booked."""

    class Status(models.TextChoices):
        OPEN = "open", _("to approve")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    number = models.CharField(_("number"), max_length=24, unique=True)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="counts")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.number


class StockCountLine(models.Model):
    """One counted variant; `expected` is what lay there by the books when it was counted."""

    count = models.ForeignKey(StockCount, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField(_("by the books"))
    counted = models.PositiveIntegerField(_("counted"))

    class Meta:
        verbose_name = _("counted variant")
        verbose_name_plural = _("counted variants")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["count", "variant"], name="stock_count_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.counted - self.expected:+d}"
