"""Labels at the console: the state of a parcel's label in words, and asking for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fulfillment.carriers.adapters import find_adapter
from fulfillment.carriers.errors import NoLabelHere
from fulfillment.carriers.finding import (
    latest_label,
    list_down,
    list_label_trouble,
    list_reports,
)
from fulfillment.carriers.labels import request_label
from fulfillment.models import Shipment, ShipmentLabel
from storefront.staff.access import Rights
from storefront.wording import day_text, full_moment_text, moment_text

L = ShipmentLabel.Status
OPEN = (Shipment.Status.PICKING, Shipment.Status.PACKED)
LIMIT = 100


@dataclass(frozen=True)
class ReportWords:
    what: str
    when: str


@dataclass(frozen=True)
class LabelWords:
    """What the page of a shipment says of its label; `number` is there once it is made."""

    state: str
    number: str
    carrier: str
    error: str
    next_try: str
    has_document: bool
    can_ask: bool
    reports: Sequence[ReportWords] = ()


@dataclass(frozen=True)
class TroubledLabel:
    number: str
    carrier: str
    error: str
    is_refused: bool
    next_try: str
    leaves_by: str


@dataclass(frozen=True)
class DownCarrier:
    name: str
    until: str


@dataclass(frozen=True)
class LabelTrouble:
    labels: Sequence[TroubledLabel]
    down: Sequence[DownCarrier]


def label_words(shipment: Shipment, rights: Rights) -> LabelWords | None:
    """Describe a shipment's label; None where its carrier's labels are bought by hand."""
    label = latest_label(shipment.pk)
    has_adapter = find_adapter(shipment.service.carrier) is not None
    reports = [
        ReportWords(report_text(report.kind, report.payload.get("expected_on")), when)
        for report in list_reports(shipment)
        if (when := moment_text(report.occurred_at, shipment.warehouse.zone))
    ]
    if label is None and not has_adapter and not reports:
        return None
    waits = label is not None and label.status == L.REQUESTED and label.next_try_at is not None
    is_made = label is not None and label.status == L.MADE
    return LabelWords(
        state=label.status if label else "",
        number=label.tracking_number if label and is_made else "",
        carrier=str(label.service.carrier if label else shipment.service.carrier),
        error=label.error if label and label.status in (L.REQUESTED, L.FAILED) else "",
        next_try=moment_text(label.next_try_at, shipment.warehouse.zone)
        if label and waits and label.next_try_at
        else "",
        has_document=is_made,
        can_ask=has_adapter and rights.ships and shipment.status in OPEN and not is_made,
        reports=reports,
    )


def report_text(kind: str, expected_on: str | None = None) -> str:
    """Say what a carrier reported."""
    if kind == "delayed" and expected_on:
        day = day_text(datetime.fromisoformat(expected_on).date())
        return _("Delayed, now expected on %(day)s") % {"day": day}
    words = {
        "picked_up": _("Picked up"),
        "in_transit": _("In transit"),
        "customs": _("In customs"),
        "out_for_delivery": _("Out for delivery"),
        "delivered": pgettext("parcel", "Delivered"),
        "delayed": _("Delayed"),
        "lost": pgettext("parcel", "Lost"),
        "damaged": pgettext("parcel", "Damaged"),
    }
    return words.get(kind, kind)


def ask_for_label(request: HttpRequest, shipment: Shipment, *, insist: bool = False) -> None:
    """Ask for a label, outside of any transaction, and tell the packer how it went."""
    if find_adapter(shipment.service.carrier) is None:
        return
    try:
        label = request_label(shipment.pk, now=timezone.now(), insist=insist)
    except NoLabelHere:
        return
    values = {"carrier": label.service.carrier, "number": label.tracking_number}
    if label.status == L.MADE:
        if label.service_id != shipment.service_id:
            messages.warning(
                request,
                _(
                    "The carrier does not answer; the parcel goes with %(carrier)s. "
                    "Label %(number)s is ready."
                )
                % values,
            )
        else:
            messages.success(request, _("Label %(number)s is ready. Print it.") % values)
    elif label.status == L.REQUESTED:
        messages.warning(
            request,
            _("%(carrier)s has not answered yet. The label is asked for again by itself.") % values,
        )
    else:
        messages.error(
            request,
            _("%(carrier)s made no label: %(error)s") % {**values, "error": label.error},
        )


def load_label_trouble(*, now: datetime) -> LabelTrouble:
    """Load what is wrong with labels and carriers; two queries."""
    return LabelTrouble(
        labels=[
            TroubledLabel(
                number=label.shipment.number,
                carrier=str(label.service.carrier),
                error=label.error,
                is_refused=label.is_refused,
                next_try=full_moment_text(label.next_try_at, label.shipment.warehouse.zone)
                if label.next_try_at and label.status == L.REQUESTED
                else "",
                leaves_by=full_moment_text(label.shipment.ship_by, label.shipment.warehouse.zone),
            )
            for label in list_label_trouble().select_related("shipment__warehouse")[:LIMIT]
        ],
        down=[
            DownCarrier(name=carrier.name, until=full_moment_text(carrier.down_until, UTC))
            for carrier in list_down(now=now)
            if carrier.down_until
        ],
    )
