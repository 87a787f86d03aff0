"""The adapter of the simulated carriers (`fulfillment.carrier_server`), over HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import requests

from fulfillment.carriers.base import KINDS, Label, Parcel, Party, Rate, Report
from fulfillment.carriers.errors import (
    BadSignature,
    CarrierDown,
    CarrierRefused,
    UnreadableReport,
)

TOLERANCE_SECONDS = 300
LONGEST = 80  # Letters of an id or a number.
FIRST_YEAR = 1970
# Nothing of ours that the carrier could mend, or that the same words could not get tomorrow.
_NOT_A_VERDICT = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True)
class SimulatedCarrier:
    """One of the simulated carriers, by its code; time-outs in seconds, for one call."""

    code: str
    url: str
    key: str
    secret: str
    connect_seconds: float
    read_seconds: float

    def rate(self, parcel: Parcel) -> list[Rate]:
        answer = self._call("POST", "rates", json_body=_parcel(parcel))
        with _understood():
            return [
                Rate(
                    service=row["service"],
                    amount=Decimal(row["amount"]),
                    currency=row["currency"],
                    days_min=int(row["days_min"]),
                    days_max=int(row["days_max"]),
                )
                for row in answer["rates"]
            ]

    def make_label(self, parcel: Parcel, *, key: str) -> Label:
        answer = self._call("POST", "labels", json_body=_parcel(parcel), key=key)
        with _understood():
            return _label(answer)

    def find_labels(self, key: str) -> list[Label]:
        answer = self._call("GET", "labels", query={"key": key})
        with _understood():
            return [_label(row) for row in answer["labels"]]

    def void_label(self, reference: str) -> None:
        self._call("POST", f"labels/{reference}/void", missing={})

    def track(self, number: str) -> list[Report]:
        answer = self._call("GET", f"tracking/{number}", missing={"events": []})
        with _understood():
            return [_report(row) for row in answer["events"]]

    def read_report(self, body: bytes, *, signature: str, now: datetime) -> Report:
        fields = dict(part.partition("=")[::2] for part in signature.split(","))
        stamp = fields.get("t", "")
        signed = hmac.new(self.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
        given = fields.get("v1", "").encode()
        if not (self.secret and hmac.compare_digest(signed.hexdigest().encode(), given)):
            raise BadSignature("The signature is not the carrier's.")
        if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            raise BadSignature("The signature is of another hour.")
        try:
            return _report(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableReport(f"{type(error).__name__}: {error}") from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        json_body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        key: str = "",
        missing: Mapping[str, Any] | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = requests.request(
                method,
                f"{self.url}/v1/{self.code}/{path}",
                json=json_body,
                params=query,
                headers=headers,
                timeout=(self.connect_seconds, self.read_seconds),
                allow_redirects=False,
            )
            body = answer.json()
        except requests.RequestException as error:
            raise CarrierDown(f"{type(error).__name__}: {error}") from error
        if answer.status_code == 404 and missing is not None:
            return missing
        if 200 <= answer.status_code < 300 and isinstance(body, dict):
            return body
        message = _message(body) or f"HTTP {answer.status_code}"
        if 400 <= answer.status_code < 500 and answer.status_code not in _NOT_A_VERDICT:
            raise CarrierRefused(message)
        raise CarrierDown(f"HTTP {answer.status_code}: {message}")


@contextmanager
def _understood() -> Iterator[None]:
    """Turn an answer that lacks what was promised into CarrierDown: it proves nothing."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise CarrierDown(f"An answer made no sense: {error!r}") from error


def _message(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("message", "")) if isinstance(error, dict) else ""


def _parcel(parcel: Parcel) -> dict[str, Any]:
    written: dict[str, Any] = {
        "reference": parcel.reference,
        "service": parcel.service,
        "option": parcel.option,
        "weight_grams": parcel.weight_grams,
        "sender": _party(parcel.sender),
        "receiver": _party(parcel.receiver),
        "items": [{**asdict(item), "value": str(item.value)} for item in parcel.items],
    }
    if parcel.collect is not None:
        written["collect"] = {"amount": str(parcel.collect), "currency": parcel.currency}
    return written


def _party(party: Party) -> dict[str, Any]:
    return {**asdict(party), "lines": list(party.lines)}


def _label(row: Mapping[str, Any]) -> Label:
    return Label(
        reference=row["id"],
        tracking_number=row["tracking_number"],
        document=base64.b64decode(row["document"], validate=True),
        media_type=row["media_type"],
        cost=Decimal(row["cost"]["amount"]),
    )


def _report(row: Mapping[str, Any]) -> Report:
    """Read an event; KeyError, TypeError or ValueError for what is none."""
    occurred_at = datetime.fromisoformat(row["occurred_at"])
    if occurred_at.tzinfo is None or not (row["id"] and row["tracking_number"]):
        raise ValueError("an event has an id, a number and a moment with its offset")
    if row["kind"] not in KINDS:
        raise ValueError(f"{row['kind']!r} is no kind of event")
    # What the inbox cannot keep: too long, no letter, or before any parcel of ours.
    if max(len(str(row["id"])), len(str(row["tracking_number"]))) > LONGEST:
        raise ValueError(f"an id and a number have at most {LONGEST} letters")
    if "\\u0000" in json.dumps(row) or occurred_at.year < FIRST_YEAR:
        raise ValueError("an event is of letters, and of our time")
    expected = row.get("expected_on")
    return Report(
        event_id=str(row["id"]),
        tracking_number=str(row["tracking_number"]),
        kind=row["kind"],
        occurred_at=occurred_at,
        payload=dict(row),
        expected_on=date.fromisoformat(expected) if expected else None,
    )
