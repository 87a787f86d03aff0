from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Sum

from fulfillment.models import DeliveryOption, StockLevel, Zone
from markets.models import Market, MarketCountry


def available(variant_ids: Collection[int], market: Market) -> dict[int, int]:
    """Count the units of each variant that a market can sell: one query, every id answered.

    A unit counts where it lies in an active warehouse from which a delivery option of the
    market reaches one of its countries.
    """
    counts = dict.fromkeys(variant_ids, 0)
    serving = Zone.objects.filter(
        warehouse=OuterRef("warehouse"),
        service__is_active=True,
        service__option__in=DeliveryOption.objects.filter(market=market, is_active=True).values(
            "code"
        ),
        countries__overlap=ArraySubquery(
            MarketCountry.objects.filter(market=market).order_by().values("country")
        ),
    )
    rows = (
        StockLevel.objects.filter(Exists(serving), variant_id__in=counts, warehouse__is_active=True)
        .order_by()
        .values_list("variant_id")
        .annotate(units=Sum(F("on_hand") - F("reserved")))
    )
    return counts | dict(rows)
