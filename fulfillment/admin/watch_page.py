"""The watching page: what there is where, what is held, what comes, and what does not go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.models import Carrier
from fulfillment.watching.alarms import AuditState, audit_state
from fulfillment.watching.stock import SALES_DAYS, WatchedStock, watch_markets, watch_warehouses
from fulfillment.watching.waiting import AwaitsStock, Waiting, list_waiting
from fulfillment.watching.words import finding_text

MOST_FINDINGS = 20


@dataclass(frozen=True)
class Cell:
    """A number with what it counts, and the list of its rows."""

    label: str
    text: str
    link: str
    note: str = ""
    is_alarm: bool = False


@dataclass(frozen=True)
class WatchedRow:
    code: str
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class WatchTable:
    title: str
    places: str
    note: str
    name: str
    rows: Sequence[WatchedRow]

    @property
    def heads(self) -> Sequence[str]:
        return [cell.label for cell in self.rows[0].cells] if self.rows else []


@dataclass(frozen=True)
class WaitingList:
    """What waits of one kind: text, link and why of each."""

    name: str
    title: str
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class ShownAudit:
    state: AuditState
    text: str
    findings: Sequence[str]
    more: int
    link: str


def watch(*, now: datetime) -> dict[str, Any]:
    """Read everything that the page shows; the number of queries is fixed."""
    warehouses = watch_warehouses(now=now)
    tables = (
        WatchTable(
            _("By warehouse"),
            _("Warehouse"),
            "",
            "warehouses",
            [_warehouse_row(row, now=now) for row in warehouses],
        ),
        WatchTable(
            _("By market"),
            _("Market"),
            _("A warehouse serves several markets: its units count in each of them."),
            "markets",
            [_market_row(row, now=now) for row in watch_markets(now=now)],
        ),
    )
    waiting = list_waiting(now=now)
    return {
        "tables": tables,
        "waiting": waiting,
        "is_quiet": not waiting,
        "audit": _audit(now=now),
        "oversold": sum(row.oversold for row in warehouses),
        "lists": _lists(waiting),
    }


def _warehouse_row(row: WatchedStock, *, now: datetime) -> WatchedRow:
    here = {"warehouse__id__exact": row.place_id}
    held = {"status__exact": "active", "lines__warehouse__id__exact": row.place_id}
    cells = _cells(row, now=now, stock=here, coming=here, held=held, sold=here)
    oversold = Cell(
        _("Oversold"),
        _number(row.oversold),
        _list("stocklevel", availability="oversold", **here),
        is_alarm=row.oversold > 0,
    )
    return WatchedRow(row.code, row.name, [*cells, oversold])


def _market_row(row: WatchedStock, *, now: datetime) -> WatchedRow:
    serving = {"market": row.code}
    held = {"status__exact": "active", "order__market__id__exact": row.place_id}
    cells = _cells(row, now=now, stock=serving, coming=serving, held=held, sold=serving)
    return WatchedRow(row.code, row.name, cells)


def _cells(
    row: WatchedStock,
    *,
    now: datetime,
    stock: dict[str, Any],
    coming: dict[str, Any],
    held: dict[str, Any],
    sold: dict[str, Any],
) -> list[Cell]:
    cover = row.days_of_cover
    since = (now - timedelta(days=SALES_DAYS)).isoformat()
    return [
        Cell(
            _("On hand"),
            _number(row.on_hand),
            _list("stocklevel", **stock),
            ngettext("%(n)d variant", "%(n)d variants", row.variants) % {"n": row.variants},
        ),
        Cell(_("Sellable"), _number(row.sellable), _list("stocklevel", **stock)),
        Cell(_("Held"), _number(row.held), _list("reservation", **held)),
        Cell(_("Sold ahead"), _number(row.ahead), _list("reservation", holds="ahead", **held)),
        Cell(
            _("Coming"),
            _number(row.coming),
            _list("incomingstock", state="late" if row.late else "open", **coming),
            _coming_note(row),
            is_alarm=row.late > 0,
        ),
        Cell(
            _("Sold in 28 days"),
            _number(row.sold),
            _list("stockmovement", kind__exact="sale", occurred_at__gte=since, **sold),
        ),
        Cell(
            _("Lasts"),
            "–" if cover is None else ngettext("%(n)d day", "%(n)d days", cover) % {"n": cover},
            _list("stocklevel", **stock),
        ),
        Cell(
            _("Holds ending soon"),
            _number(row.expiring),
            _list("reservation", holds="expiring", **held),
        ),
    ]


def _number(units: int) -> str:
    return number_format(units, use_l10n=True, force_grouping=True)


def _coming_note(row: WatchedStock) -> str:
    if row.coming_on is None:
        return ""
    if row.late:
        return ngettext("%(n)d overdue", "%(n)d overdue", row.late) % {"n": row.late}
    day = date_format(row.coming_on, "SHORT_DATE_FORMAT")
    return _("next on %(day)s") % {"day": day}


def _audit(*, now: datetime) -> ShownAudit:
    state = audit_state(now=now)
    if state.audit is None or state.hours is None:
        return ShownAudit(state, _("There was no audit yet."), (), 0, _list("stockaudit"))
    age = ngettext("%(n)d hour ago", "%(n)d hours ago", state.hours) % {"n": state.hours}
    age = age if state.hours else _("less than an hour ago")
    found = state.audit.findings
    words = (
        ngettext("%(n)d finding", "%(n)d findings", len(found)) % {"n": len(found)}
        if found
        else _("no findings")
    )
    return ShownAudit(
        state=state,
        text=f"{age}: {words}",
        findings=[finding_text(finding) for finding in found[:MOST_FINDINGS]],
        more=max(0, len(found) - MOST_FINDINGS),
        link=reverse("admin:fulfillment_stockaudit_change", args=[state.audit.pk]),
    )


def _lists(waiting: Waiting) -> list[WaitingList]:
    """Give what waits, the kinds of which there is something."""
    unrouted = [
        (row.order.number, _row("orders_order", row.order.pk), row.why) for row in waiting.unrouted
    ]
    stock = [(row.number, _row("orders_order", row.order_id), _until(row)) for row in waiting.stock]
    labels = [
        (
            row.shipment.number,
            _row("fulfillment_shipment", row.shipment_id),
            f"{row.service.carrier}: {row.error or row.get_status_display()}",
        )
        for row in waiting.labels
    ]
    exceptions = [
        (row.number, _row("fulfillment_shipment", row.pk), str(row.service.carrier))
        for row in waiting.exceptions
    ]
    down = [
        (row.name, _row("fulfillment_carrier", row.pk), _down_until(row)) for row in waiting.down
    ]
    lists = (
        WaitingList("unrouted", _("No warehouse can send them"), unrouted),
        WaitingList("stock", _("Waiting for units that were sold ahead"), stock),
        WaitingList("labels", _("Parcels without a label"), labels),
        WaitingList("exceptions", _("Parcels that need a decision"), exceptions),
        WaitingList("down", _("Carriers that do not answer"), down),
    )
    return [row for row in lists if row.rows]


def _row(model: str, pk: int) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


def _down_until(carrier: Carrier) -> str:
    if carrier.down_until is None:
        return ""
    moment = date_format(localtime(carrier.down_until), "SHORT_DATETIME_FORMAT")
    return _("until %(moment)s") % {"moment": moment}


def _until(row: AwaitsStock) -> str:
    units = ngettext("%(n)d unit", "%(n)d units", row.units) % {"n": row.units}
    if row.until is None:
        return _("%(units)s, and nothing is announced") % {"units": units}
    words = {"units": units, "day": date_format(row.until, "SHORT_DATE_FORMAT")}
    if row.is_overdue:
        return _("%(units)s, overdue since %(day)s") % words
    return _("%(units)s, expected on %(day)s") % words


def _list(model: str, **query: Any) -> str:
    address = reverse(f"admin:fulfillment_{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address
