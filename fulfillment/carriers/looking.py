"""Asking carriers about parcels that nothing was heard of: their reports may have been lost."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from fulfillment.carriers.adapters import adapters_ready, find_adapter
from fulfillment.carriers.errors import CarrierDown, CarrierRefused
from fulfillment.carriers.inbox import keep_report
from fulfillment.models import CarrierEvent, Shipment

logger = logging.getLogger(__name__)
SILENT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(days=60)
BATCH = 100


def ask_about_silent_parcels(now: datetime, *, limit: int = BATCH) -> int:
    """Fetch what happened to parcels without news for SILENT_FOR; give how many reports came.

    They are kept like those that carriers send by themselves: one that is there is not kept twice.
    """
    news = CarrierEvent.objects.filter(
        carrier=OuterRef("service__carrier"),
        tracking_number=OuterRef("tracking_number"),
        received_at__gt=now - SILENT_FOR,
    )
    silent = (
        Shipment.objects.filter(
            ~Exists(news),
            status=Shipment.Status.DISPATCHED,
            dispatched_at__range=(now - GIVEN_UP_AFTER, now - SILENT_FOR),
            service__carrier__adapter__in=adapters_ready(),
        )
        .exclude(tracking_number="")
        .select_related("service__carrier")
        # Who was asked longest ago would need a column; chance is as fair.
        .order_by("?")[:limit]
    )
    heard = 0
    deaf: set[int] = set()
    for shipment in silent:
        carrier = shipment.service.carrier
        adapter = find_adapter(carrier)
        if adapter is None or carrier.pk in deaf:
            continue
        try:
            reports = adapter.track(shipment.tracking_number)
        except (CarrierDown, CarrierRefused) as error:
            logger.warning("%s was not to be asked about its parcels: %s", carrier, error)
            deaf.add(carrier.pk)
            continue
        for report in reports:
            heard += keep_report(carrier, report, now=now).received_at == now
    return heard
