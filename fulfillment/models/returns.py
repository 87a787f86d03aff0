from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.stock import Warehouse
from orders.models import Order, OrderLine, new_token
from payments.models import Refund


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
    delivery = models.DecimalField(
        _("delivery"), max_digits=14, decimal_places=3, default=Decimal(0), db_default=Decimal(0),
        help_text=_("What of the delivery is paid back, because all of the order came back."),
    )  # fmt: skip
    requested_at = models.DateTimeField(_("requested at"))
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    inspected_at = models.DateTimeField(_("inspected at"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(delivery__gte=0), name="return_delivery_not_negative"
            )
        ]

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
