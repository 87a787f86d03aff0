"""`/v1/<carrier>/…`: rates, labels and tracking, with the troubles that a carrier is in."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fulfillment.carrier_server.errors import ApiError
from fulfillment.carrier_server.labels import (
    label_body,
    list_labels,
    make_label,
    quote,
    void_label,
)
from fulfillment.carrier_server.network import Network
from fulfillment.carrier_server.store import Row
from fulfillment.carrier_server.tracking import event_body, list_events

_PATH = re.compile(r"/v1/([^/]+)/(rates|labels|tracking)(?:/([A-Za-z0-9_]+))?(/void)?")


@dataclass(frozen=True)
class ApiRequest:
    method: str
    path: str
    query: str
    body: str
    authorization: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class ApiAnswer:
    status: int
    body: Mapping[str, Any]


def answer_request(network: Network, request: ApiRequest) -> ApiAnswer:
    """Answer the shop. What is done is committed before a slow or a failing answer is given."""
    try:
        with network.store.transaction():
            carrier, answer = _answer(network, request)
    except ApiError as error:
        return ApiAnswer(error.status, error.body)
    if carrier["trouble"] == "slow":
        network.stopping.wait(carrier["slow_seconds"])
    if carrier["trouble"] == "fails" and request.method == "POST":
        broken = ApiError(500, "internal", "Something broke after it was done.")
        return ApiAnswer(broken.status, broken.body)
    return answer


def _answer(network: Network, request: ApiRequest) -> tuple[Row, ApiAnswer]:
    if not hmac.compare_digest(request.authorization.encode(), f"Bearer {network.key}".encode()):
        raise ApiError(401, "unknown_key", "The key is missing or not ours.")
    match = _PATH.fullmatch(request.path)
    if match is None:
        raise ApiError(404, "no_such_address", f"No such address: {request.path}")
    code, kind, name, void = match.groups()
    carrier = network.carrier(code)
    if carrier["trouble"] == "down":
        raise ApiError(503, "down", "The carrier's systems are down.")
    match (request.method, kind, name, void):
        case ("POST", "rates", None, None):
            return carrier, _rates(_json(request.body))
        case ("POST", "labels", None, None):
            return carrier, _make(network, carrier, request)
        case ("GET", "labels", None, None):
            key = parse_qs(request.query).get("key", [""])[0]
            found = [label_body(row) for row in list_labels(network, code, key=key)]
            return carrier, ApiAnswer(200, {"labels": found})
        case ("POST", "labels", str(), str()):
            return carrier, ApiAnswer(200, label_body(void_label(network, code, name)))
        case ("GET", "tracking", str(), None):
            events = [event_body(row) for row in list_events(network, code, number=name)]
            return carrier, ApiAnswer(200, {"events": events})
    raise ApiError(404, "no_such_address", f"No such address: {request.method} {request.path}")


def _rates(parcel: Mapping[str, Any]) -> ApiAnswer:
    price = quote(parcel)
    rate = {
        "service": str(parcel.get("service", "")),
        "amount": str(price.amount),
        "currency": "EUR",
        "days_min": price.days_min,
        "days_max": price.days_max,
    }
    return ApiAnswer(200, {"rates": [rate]})


def _make(network: Network, carrier: Row, request: ApiRequest) -> ApiAnswer:
    trouble = carrier["trouble"]
    if trouble == "refuses":
        raise ApiError(422, "unknown_address", "The receiver's address is not known to us.")
    parcel, key = _json(request.body), request.idempotency_key
    if trouble == "twice":
        make_label(network, carrier["code"], parcel, key=key, anew=True)
    anew = trouble in ("twice", "forgets")
    made = make_label(network, carrier["code"], parcel, key=key, anew=anew)
    return ApiAnswer(201, label_body(made))


def _json(body: str) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ApiError(400, "invalid_json", "The body must be a JSON object.")
    return read
