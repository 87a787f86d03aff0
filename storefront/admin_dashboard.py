"""The admin's first page: a few numbers, each of which leads to its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.models import Return, Sellable, Shipment, StockLevel
from fulfillment.watching.alarms import audit_state
from markets.exchange import PEG
from markets.models import ExchangeRate, Market
from orders.models import Order

_TO_SHIP = (Shipment.Status.PLANNED, Shipment.Status.PICKING, Shipment.Status.PACKED)
_WAITING = (
    Return.Status.REQUESTED, Return.Status.APPROVED, Return.Status.IN_TRANSIT,
    Return.Status.RECEIVED, Return.Status.INSPECTED,
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """A number with its name and the list that it counts."""

    name: str
    number: str
    link: str
    note: str = ""


@dataclass(frozen=True)
class MarketDay:
    """What a market has ordered since midnight there."""

    name: str
    orders: int
    link: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the reader may see of the numbers to the page."""
    now = timezone.now()
    has_perm = request.user.has_perm
    cards: list[Card] = []
    if has_perm("orders.view_order"):
        context["market_days"] = list_market_days(now=now)
        cards.append(_held())
    if has_perm("fulfillment.view_shipment"):
        cards.append(_to_ship(now=now))
    if has_perm("fulfillment.view_return"):
        cards.append(_returns())
    if has_perm("fulfillment.view_stocklevel"):
        cards += [_sold_out(), _stock_audit(now=now)]
    if has_perm("markets.view_exchangerate"):
        cards.append(_rates(now=now))
    return {**context, "title": _("Dashboard"), "cards": cards}


def list_market_days(*, now: datetime) -> list[MarketDay]:
    """Count the orders of each active market since midnight in its own time zone."""
    days = []
    for market in Market.objects.filter(is_active=True):
        local = now.astimezone(market.zone)
        midnight = datetime.combine(local.date(), time(), tzinfo=market.zone)
        days.append(
            MarketDay(
                name=market.name,
                orders=Order.objects.filter(market=market, placed_at__gte=midnight).count(),
                link=_list(
                    "orders_order",
                    market__id__exact=str(market.pk),
                    placed_at__gte=midnight.isoformat(),
                ),
            )
        )
    return days


def _held() -> Card:
    held = Order.objects.filter(status=Order.Status.ON_HOLD).count()
    link = _list("orders_order", status__exact=Order.Status.ON_HOLD)
    return Card(_("Orders on hold"), str(held), link)


def _to_ship(*, now: datetime) -> Card:
    waiting = Shipment.objects.filter(status__in=_TO_SHIP)
    late = waiting.filter(ship_by__lt=now).count()
    return Card(
        _("Parcels to ship"),
        str(waiting.count()),
        _list("fulfillment_shipment", status__in=_joined(_TO_SHIP)),
        ngettext("%(n)s is late.", "%(n)s are late.", late) % {"n": late} if late else "",
    )


def _returns() -> Card:
    waiting = Return.objects.filter(status__in=_WAITING).count()
    link = _list("fulfillment_return", status__in=_joined(_WAITING))
    return Card(_("Returns under way"), str(waiting), link)


def _sold_out() -> Card:
    free = Sellable.objects.filter(units__gt=0).values("variant")
    levels = StockLevel.objects.filter(variant__is_active=True).exclude(variant__in=free)
    variants = levels.values("variant").distinct().count()
    return Card(
        _("Variants sold out"),
        str(variants),
        _list("fulfillment_stocklevel", availability="sold_out"),
    )


def _stock_audit(*, now: datetime) -> Card:
    link = reverse("admin:stock_watch")
    state = audit_state(now=now)
    if state.audit is None or state.hours is None:
        return Card(_("Age of the stock audit"), "–", link, _("There was none yet."))
    found = len(state.audit.findings)
    if found:
        note = ngettext("It has %(n)s finding.", "It has %(n)s findings.", found) % {"n": found}
    else:
        note = _("It should have run since.") if state.is_too_old else ""
    age = ngettext("%(n)s hour", "%(n)s hours", state.hours) % {"n": state.hours}
    return Card(_("Age of the stock audit"), age, link, note)


def _rates(*, now: datetime) -> Card:
    link = _list("markets_exchangerate")
    day = (
        ExchangeRate.objects.exclude(provider=PEG)
        .order_by("-as_of")
        .values_list("as_of", flat=True)
        .first()
    )
    if day is None:
        return Card(_("Age of the exchange rates"), "–", link, _("There is none yet."))
    age = (now.date() - day).days
    words = ngettext("%(n)s day", "%(n)s days", age) % {"n": age}
    return Card(_("Age of the exchange rates"), words, link)


def _list(model: str, **query: str) -> str:
    address = reverse(f"admin:{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def _joined(statuses: Sequence[str]) -> str:
    return ",".join(statuses)
