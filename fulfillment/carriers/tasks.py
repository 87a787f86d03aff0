"""Thin: each loads by id and calls one service."""

from celery import shared_task
from django.utils import timezone

from fulfillment.carriers import applying, labels, looking, sweeping
from fulfillment.carriers.errors import NoLabelHere


@shared_task
def request_label(shipment_id: int) -> None:
    try:
        labels.request_label(shipment_id, now=timezone.now())
    except NoLabelHere:
        return  # It went another way before this came up.


@shared_task
def retry_labels() -> int:
    return sweeping.retry_labels(timezone.now())


@shared_task
def apply_carrier_event(event_id: int) -> bool:
    return applying.apply_event(event_id, now=timezone.now())


@shared_task
def apply_carrier_events() -> int:
    return applying.apply_carrier_events(timezone.now())


@shared_task
def ask_about_silent_parcels() -> int:
    return looking.ask_about_silent_parcels(timezone.now())
