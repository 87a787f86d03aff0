"""Making labels, finding them and voiding them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fulfillment.carrier_server.document import MEDIA_TYPE, LabelText, write_label
from fulfillment.carrier_server.errors import ApiError
from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.numbers import new_number
from fulfillment.carrier_server.store import Row
from fulfillment.carrier_server.tariff import MAX_GRAMS, Price, price_of

MAX_KEY_LENGTH = 255


def quote(parcel: Mapping[str, Any]) -> Price:
    """Price a parcel as it was described; ApiError 422 for one that is not carried."""
    try:
        weight = int(parcel["weight_grams"])
        origin, destination = parcel["sender"]["country"], parcel["receiver"]["country"]
        lines = [str(line) for line in parcel["receiver"]["lines"] if str(line).strip()]
        option = str(parcel.get("option") or "standard")
    except (KeyError, TypeError, ValueError) as error:
        raise ApiError(422, "invalid_parcel", f"The parcel lacks {error}.") from None
    if not 0 < weight <= MAX_GRAMS:
        raise ApiError(422, "invalid_weight", f"Parcels weigh 1 to {MAX_GRAMS} g, not {weight}.")
    if len(lines) < 2:
        raise ApiError(422, "invalid_address", "The receiver's address is incomplete.")
    return price_of(option=option, origin=origin, destination=destination, weight_grams=weight)


def make_label(
    network: Network, carrier: str, parcel: Mapping[str, Any], *, key: str, anew: bool = False
) -> Row:
    """Make a label, or give the one that this key made before; `anew` forgets what it made.

    Raises ApiError 409 when the key came with another parcel.
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ApiError(400, "invalid_key", "Idempotency-Key holds 1 to 255 characters.")
    price = quote(parcel)
    fingerprint = hashlib.sha256(json.dumps(parcel, sort_keys=True).encode()).hexdigest()
    known = network.store.find(
        "SELECT * FROM labels WHERE carrier = ? AND key = ? ORDER BY seq LIMIT 1", carrier, key
    )
    if known is not None and known["fingerprint"] != fingerprint:
        raise ApiError(409, "key_reused", "This key was used for another parcel.")
    if known is not None and not anew:
        return known
    number = new_number(carrier)
    while network.store.find("SELECT 1 FROM labels WHERE number = ?", number):
        number = new_number(carrier)
    label_id = f"lab_{secrets.token_hex(12)}"
    network.store.execute(
        "INSERT INTO labels (id, carrier, key, fingerprint, number, parcel, cost, document,"
        " made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        label_id,
        carrier,
        key,
        fingerprint,
        number,
        json.dumps(parcel),
        str(price.amount),
        write_label(_text(carrier, parcel, number=number)),
        network.clock(),
    )
    return get_label(network, carrier, label_id)


def get_label(network: Network, carrier: str, label_id: str) -> Row:
    row = network.store.find("SELECT * FROM labels WHERE carrier = ? AND id = ?", carrier, label_id)
    if row is None:
        raise ApiError(404, "no_such_label", f"No such label: {label_id}")
    return row


def list_labels(network: Network, carrier: str, *, key: str) -> list[Row]:
    """List what a key has made and nobody has voided, oldest first."""
    return network.store.execute(
        "SELECT * FROM labels WHERE carrier = ? AND key = ? AND status = 'made' ORDER BY seq",
        carrier,
        key,
    )


def void_label(network: Network, carrier: str, label_id: str) -> Row:
    """Void a label, once or again; ApiError 409 when its parcel was picked up."""
    label = get_label(network, carrier, label_id)
    if network.store.find("SELECT 1 FROM events WHERE number = ?", label["number"]):
        raise ApiError(409, "picked_up", "The parcel is on its way; its label stays.")
    network.store.execute("UPDATE labels SET status = 'voided' WHERE id = ?", label_id)
    return get_label(network, carrier, label_id)


def label_body(row: Row) -> dict[str, Any]:
    """Write a label as the API gives it."""
    return {
        "id": row["id"],
        "carrier": row["carrier"],
        "key": row["key"],
        "status": row["status"],
        "tracking_number": row["number"],
        "cost": {"amount": row["cost"], "currency": "EUR"},
        "media_type": MEDIA_TYPE,
        "document": base64.b64encode(row["document"]).decode(),
        "made_at": datetime.fromtimestamp(row["made_at"], UTC).isoformat(),
    }


def _text(carrier: str, parcel: Mapping[str, Any], *, number: str) -> LabelText:
    notes = []
    collect = parcel.get("collect")
    if collect:
        notes.append(f"CASH ON DELIVERY {collect['amount']} {collect['currency']}")
    if parcel["sender"]["country"] != parcel["receiver"]["country"]:
        notes += [
            f"{item['quantity']} x {item['description']} ({item.get('hs_code') or 'no HS code'})"
            for item in parcel.get("items", [])[:3]
        ]
    return LabelText(
        carrier=carrier,
        service=str(parcel.get("service", "")),
        number=number,
        reference=str(parcel.get("reference", "")),
        sender=[str(line) for line in parcel["sender"].get("lines", [])],
        receiver=[str(line) for line in parcel["receiver"]["lines"]],
        weight_grams=int(parcel["weight_grams"]),
        notes=notes,
    )
