from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.delivery import Carrier, CarrierService
from fulfillment.models.shipments import Shipment


class ShipmentLabel(models.Model):
    """A label that was asked of a carrier. The row and its key are there before the first try.

    `next_try_at` is when the carrier is called next about it, whatever its status: to make one
    that was requested, to compare one that was made after doubtful tries, to void what may be
    left of one that was given up. It is empty when carrier and shop agree.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        MADE = "made", _("made")
        FAILED = "failed", _("failed")
        VOIDED = "voided", _("voided")

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="labels")
    service = models.ForeignKey(CarrierService, models.PROTECT, related_name="+")
    operation_key = models.UUIDField(_("operation key"), unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED
    )
    carrier_reference = models.CharField(_("carrier's reference"), max_length=80, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    document = models.BinaryField(_("document"), null=True, blank=True)
    media_type = models.CharField(_("media type"), max_length=60, blank=True)
    cost = models.DecimalField(
        _("cost, EUR"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    error = models.CharField(_("error"), max_length=300, blank=True)
    is_refused = models.BooleanField(
        _("refused"), default=False, db_default=False,
        help_text=_("The carrier said no: it is not asked again by itself."),
    )  # fmt: skip
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try at"), null=True, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    made_at = models.DateTimeField(_("made at"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipping label")
        verbose_name_plural = _("shipping labels")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shipment"],
                condition=models.Q(status__in=["requested", "made"]),
                name="label_one_per_shipment",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="made", tracking_number=""),
                name="label_made_has_number",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"],
                name="label_to_try",
                condition=models.Q(next_try_at__isnull=False),
            ),
            models.Index(fields=["tracking_number"], name="label_by_number"),
            models.Index(
                fields=["requested_at"],
                name="label_live",
                condition=models.Q(status__in=["requested", "made"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.status}"


class CarrierEvent(models.Model):
    """The inbox of what carriers report: kept as it came, applied once, in any order."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="events")
    event_id = models.CharField(_("event id"), max_length=80)
    tracking_number = models.CharField(_("tracking number"), max_length=80, db_index=True)
    kind = models.CharField(_("kind"), max_length=20)
    occurred_at = models.DateTimeField(_("occurred at"))
    payload = models.JSONField(_("payload"))
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, db_default=0)
    next_try_at = models.DateTimeField(
        _("next try at"), null=True, blank=True, help_text=_("Empty: nothing more is to be done.")
    )

    class Meta:
        verbose_name = _("carrier event")
        verbose_name_plural = _("carrier events")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["carrier", "event_id"], name="carrier_event_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"],
                name="carrier_event_to_apply",
                condition=models.Q(next_try_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.event_id} {self.kind}"
