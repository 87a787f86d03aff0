"""What happened to an order, in plain words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Order, OrderEvent
from storefront.risk_words import reason_name
from storefront.wording import amount_text, day_text, full_moment_text

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    moment: str
    iso: str
    text: str


def timeline_of(order: Order, *, zone: tzinfo, shows_amounts: bool) -> list[Happening]:
    """Word an order's events, the oldest first; one query."""
    return [
        Happening(
            moment=full_moment_text(event.occurred_at, zone),
            iso=event.occurred_at.isoformat(),
            text=sentence(event, shows_amounts=shows_amounts),
        )
        for event in sorted(order.events.all(), key=_place)
    ]


def _place(event: OrderEvent) -> tuple[datetime, int]:
    """Order by moment; what one transaction recorded has one moment and goes as life goes."""
    kinds = list(_SENTENCES)
    return event.occurred_at, kinds.index(event.kind) if event.kind in kinds else len(kinds)


def sentence(event: OrderEvent, *, shows_amounts: bool) -> str:
    """Say in one sentence what happened; amounts only to those who may see them."""
    write = _SENTENCES.get(event.kind)
    if write is None:
        return event.kind.replace("_", " ")
    data = dict(event.data)
    if not shows_amounts:
        data.pop("amount", None)
    return write(data)


def _with_amount(data: Data, with_amount: str, without: str) -> str:
    if "amount" not in data:
        return without
    return with_amount % {
        "amount": amount_text(data["amount"], data["currency"]),
        "method": data.get("method", ""),
    }


def _failed(data: Data) -> str:
    if data.get("reason"):
        return _("The payment failed: %(reason)s.") % {"reason": data["reason"]}
    return _("The payment failed.")


def _held(data: Data) -> str:
    names = list(dict.fromkeys(reason_name(code) for code in data.get("reasons", [])))
    if not names:
        return _("Put on hold for review.")
    return _("Put on hold for review: %(reasons)s.") % {"reasons": ", ".join(names)}


def _released(data: Data) -> str:
    if data.get("by"):
        return _("Released by %(who)s.") % {"who": data["by"]}
    if data.get("score") is not None:
        return _("Released: the risk score is %(score)s.") % {"score": data["score"]}
    return _("Released for shipping.")


def _cancelled(data: Data) -> str:
    reason = str(data.get("reason", ""))
    if reason.startswith("staff: "):
        return _("Cancelled by %(who)s.") % {"who": reason.removeprefix("staff: ")}
    known = {
        "risk": _("Cancelled: the risk is too high."),
        "reservation_expired": _("Cancelled: it was not paid in time."),
    }
    return known.get(reason, _("Cancelled."))


def _routed(data: Data) -> str:
    shipments = data.get("shipments", [])
    return ngettext(
        "Planned as %(n)s parcel from %(places)s: %(numbers)s.",
        "Planned as %(n)s parcels from %(places)s: %(numbers)s.",
        len(shipments),
    ) % {
        "n": len(shipments),
        "places": ", ".join(code.upper() for code in data.get("warehouses", [])),
        "numbers": ", ".join(shipments),
    }


def _rerouted(data: Data) -> str:
    causes = {
        "better": _("Planned anew, since a better plan came up"),
        "short": _("Planned anew, since units were missing"),
        "carrier": _("Planned anew, since the carrier could not take it"),
        "staff": _("Planned anew by staff"),
    }
    said = causes.get(str(data.get("cause", "")), _("Planned anew"))
    numbers = ", ".join(data.get("shipments", []))
    if data.get("waiting"):
        return ngettext(
            "%(said)s: %(numbers)s; %(n)s unit waits for stock.",
            "%(said)s: %(numbers)s; %(n)s units wait for stock.",
            int(data["waiting"]),
        ) % {"said": said, "numbers": numbers or "–", "n": data["waiting"]}
    return _("%(said)s: %(numbers)s.") % {"said": said, "numbers": numbers}


def _dispatched(data: Data) -> str:
    if data.get("tracking_number"):
        return _("%(number)s left with %(carrier)s, tracking number %(tracking_number)s.") % data
    return _("%(number)s left with %(carrier)s.") % data


def _delayed(data: Data) -> str:
    day = day_text(date.fromisoformat(str(data["expected_on"])))
    return _("%(number)s is late; the carrier expects it on %(day)s.") % {**data, "day": day}


def _went_wrong(data: Data) -> str:
    if data.get("cause") == "lost":
        return _("The carrier has lost %(number)s.") % data
    return _("The carrier has damaged %(number)s.") % data


def _inspected(data: Data) -> str:
    grades = ", ".join(
        f"{sku} {str(grade).upper()}" for sku, grade in data.get("grades", {}).items()
    )
    return _("Return %(number)s inspected: %(grades)s.") % {**data, "grades": grades}


def _received(data: Data) -> str:
    values = {**data, "warehouse": str(data.get("warehouse", "")).upper()}
    return _("Return %(number)s arrived at %(warehouse)s.") % values


_SENTENCES: dict[str, Callable[[Data], str]] = {
    "order_placed": lambda data: _("Order placed."),
    "carrier_charged": lambda data: (
        _("The carrier's invoice %(reference)s was noted.") % {"reference": data["reference"]}
    ),
    "payment_pending": lambda data: _("Waiting for the money to arrive."),
    "payment_authorised": lambda data: _with_amount(
        data, _("%(amount)s reserved (%(method)s)."), _("The payment is reserved.")
    ),
    "payment_captured": lambda data: _with_amount(
        data, _("%(amount)s received (%(method)s)."), _("The payment was received.")
    ),
    "payment_failed": _failed,
    "payment_voided": lambda data: _("The payment was let go; nothing was taken."),
    "order_held": _held,
    "order_released": _released,
    "order_cancelled": _cancelled,
    "order_routed": _routed,
    "order_rerouted": _rerouted,
    "stock_arrived": lambda data: _("Everything that it waited for is in stock."),
    "shipment_dispatched": _dispatched,
    "shipment_delayed": _delayed,
    "shipment_exception": _went_wrong,
    "shipment_delivered": lambda data: _("%(number)s was delivered.") % data,
    "order_completed": lambda data: _("Completed: everything is delivered and paid."),
    "return_requested": lambda data: _("Return %(number)s requested.") % data,
    "return_approved": lambda data: _("Return %(number)s approved.") % data,
    "return_rejected": lambda data: _("Return %(number)s rejected.") % data,
    "return_received": _received,
    "return_inspected": _inspected,
    "refund_created": lambda data: _with_amount(
        data, _("Refund of %(amount)s started."), _("A refund was started.")
    ),
    "invoice_issued": lambda data: _("Invoice %(reference)s issued.") % data,
    "credit_note_issued": lambda data: _("Credit note %(reference)s issued.") % data,
    "refund_succeeded": lambda data: _with_amount(
        data, _("%(amount)s paid back."), _("A refund was paid back.")
    ),
    "refund_failed": lambda data: _with_amount(
        data, _("The refund of %(amount)s failed."), _("A refund failed.")
    ),
}
