"""A parcel's way: what can happen to it, and what is told of it."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from fulfillment.carrier_server.errors import ApiError
from fulfillment.carrier_server.network import WEBHOOKS, Network
from fulfillment.carrier_server.store import Row

# In the order of a good journey, then what goes wrong.
KINDS = {
    "picked_up": "Picked up",
    "in_transit": "In transit",
    "customs": "In customs",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "delayed": "Delayed",
    "lost": "Lost",
    "damaged": "Damaged",
}


def move_parcel(
    network: Network, number: str, kind: str, *, expected_on: date | None = None
) -> Row:
    """Let something happen to a parcel and tell of it; what is delivered moves no more.

    A lost parcel may turn up again. Raises ApiError 404 and 409.
    """
    if kind not in KINDS:
        raise ApiError(400, "no_such_kind", f"{kind!r} is none of {list(KINDS)}.")
    label = network.store.find("SELECT * FROM labels WHERE number = ?", number)
    if label is None:
        raise ApiError(404, "no_such_parcel", f"No such parcel: {number}")
    last = last_event(network, number)
    if label["status"] != "made" or (last is not None and last["kind"] == "delivered"):
        raise ApiError(409, "not_moving", f"{number} is voided or delivered.")
    carrier = network.carrier(label["carrier"])
    event_id = f"evt_{secrets.token_hex(12)}"
    network.store.execute(
        "INSERT INTO events (id, carrier, number, kind, occurred_at, expected_on, due_at, times)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        event_id,
        label["carrier"],
        number,
        kind,
        network.clock(),
        expected_on.isoformat() if expected_on else None,
        None if carrier["webhooks"] == "held" else 0,
        2 if carrier["webhooks"] == "doubled" else 1,
    )
    return get_event(network, event_id)


def get_event(network: Network, event_id: str) -> Row:
    row = network.store.find("SELECT * FROM events WHERE id = ?", event_id)
    if row is None:
        raise ApiError(404, "no_such_event", f"No such event: {event_id}")
    return row


def list_events(network: Network, carrier: str, *, number: str) -> list[Row]:
    """List what happened to a parcel, oldest first; ApiError 404 for a number nobody has."""
    if not network.store.find(
        "SELECT 1 FROM labels WHERE carrier = ? AND number = ?", carrier, number
    ):
        raise ApiError(404, "no_such_parcel", f"No such parcel: {number}")
    return network.store.execute("SELECT * FROM events WHERE number = ? ORDER BY seq", number)


def last_event(network: Network, number: str) -> Row | None:
    return network.store.find(
        "SELECT * FROM events WHERE number = ? ORDER BY seq DESC LIMIT 1", number
    )


def set_webhooks(network: Network, code: str, manner: str) -> None:
    """Choose how a carrier's events are delivered; what was held goes out newest first."""
    if manner not in WEBHOOKS:
        raise ApiError(400, "no_such_manner", f"{manner!r} is none of {sorted(WEBHOOKS)}.")
    network.carrier(code)
    network.store.execute("UPDATE carriers SET webhooks = ? WHERE code = ?", manner, code)
    if manner != "held":
        network.store.execute(
            "UPDATE events SET due_at = 0, place_in_line = -seq, times = ?"
            " WHERE carrier = ? AND due_at IS NULL AND attempts = 0",
            2 if manner == "doubled" else 1,
            code,
        )


def send_again(network: Network, event_id: str) -> None:
    """Have an event delivered once more, delivered or not."""
    get_event(network, event_id)
    network.store.execute(
        "UPDATE events SET due_at = 0, times = 1, attempts = 0 WHERE id = ?", event_id
    )


def event_body(row: Row) -> dict[str, Any]:
    """Write an event as the API and the webhooks give it."""
    return {
        "id": row["id"],
        "carrier": row["carrier"],
        "tracking_number": row["number"],
        "kind": row["kind"],
        "occurred_at": datetime.fromtimestamp(row["occurred_at"], UTC).isoformat(),
        "expected_on": row["expected_on"],
    }
