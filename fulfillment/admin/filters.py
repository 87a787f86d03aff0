"""Filters of the lists of stock; the watching page's numbers lead to them."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fulfillment.lanes import list_serving_warehouses
from fulfillment.models import Reservation, ReservationLine, Sellable, Shipment
from fulfillment.watching.stock import EXPIRING
from markets.models import Market

Rows = QuerySet[Any]


class AvailabilityFilter(admin.SimpleListFilter):
    title = _("availability")
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("sold_out", _("sold out everywhere")), ("oversold", _("oversold"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        match self.value():
            case "sold_out":
                free = Sellable.objects.filter(units__gt=0).values("variant")
                return queryset.filter(variant__is_active=True).exclude(variant__in=free)
            case "oversold":
                return queryset.filter(pk__in=_oversold())
        return queryset


class MarketFilter(admin.SimpleListFilter):
    """What lies in, or comes to, the warehouses that serve a market."""

    title = _("serves the market")
    parameter_name = "market"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(
            Market.objects.filter(is_active=True).order_by("name").values_list("code", "name")
        )

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        market = Market.objects.filter(code=self.value()).first() if self.value() else None
        return (
            queryset.filter(warehouse__in=list_serving_warehouses(market)) if market else queryset
        )


class SoldToFilter(MarketFilter):
    """Movements of goods that left for orders of a market."""

    title = _("sold to the market")

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not self.value():
            return queryset
        parcels = Shipment.objects.filter(order__market__code=self.value())
        return queryset.filter(kind="sale", reference__in=parcels.values("number"))


class HoldFilter(admin.SimpleListFilter):
    title = _("holds")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ahead", _("units sold ahead")), ("expiring", _("ending within 15 minutes"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        active = Reservation.Status.ACTIVE
        match self.value():
            case "ahead":
                lines = ReservationLine.objects.filter(ahead__gt=0).values("reservation")
                return queryset.filter(status=active, pk__in=lines)
            case "expiring":
                return queryset.filter(status=active, expires_at__lte=timezone.now() + EXPIRING)
        return queryset


def _oversold() -> Rows:
    held = (
        ReservationLine.objects.filter(
            reservation__status=Reservation.Status.ACTIVE,
            variant__stock__warehouse=F("warehouse"),
        )
        .order_by()
        .values("variant__stock", "variant__stock__on_hand")
        .annotate(held=Sum("quantity"))
        .filter(held__gt=F("variant__stock__on_hand"))
    )
    return held.values("variant__stock")
