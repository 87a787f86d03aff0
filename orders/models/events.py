import uuid
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order


class OrderEvent(models.Model):
    """What happened to an order. Append-only: the database refuses changes and deletions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering: ClassVar = ["occurred_at", "id"]
        indexes: ClassVar = [models.Index(fields=["order", "occurred_at"])]

    def __str__(self) -> str:
        return self.kind


class EventDelivery(models.Model):
    """That one subscriber has, or has not yet, dealt with one event."""

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")

    event = models.ForeignKey(OrderEvent, models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(max_length=120, help_text=_("The Celery task's name."))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the sweep sent it again and nobody took it yet.")
    )
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="event_delivered_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["leased_until"],
                name="event_delivery_pending",
                condition=models.Q(status="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.status}"
