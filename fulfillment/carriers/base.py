"""What every carrier can do, and the words in which it is asked and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

# What carriers report, in the order of a good journey; then what goes wrong.
KINDS = (
    *("picked_up", "in_transit", "customs", "out_for_delivery", "delivered"),
    *("delayed", "lost", "damaged"),
)


@dataclass(frozen=True)
class Party:
    """Who sends or receives: the lines of an address as they are printed, in Latin letters."""

    country: str
    lines: Sequence[str]
    phone: str = ""
    postal_code: str = ""


@dataclass(frozen=True)
class Item:
    """One line of a customs declaration; `value` is of one unit."""

    description: str
    quantity: int
    value: Decimal
    currency: str
    hs_code: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Parcel:
    """A parcel to carry. `collect` is cash to take at the door, in `currency`."""

    reference: str
    service: str
    option: str
    sender: Party
    receiver: Party
    weight_grams: int
    items: Sequence[Item]
    currency: str
    collect: Decimal | None = None


@dataclass(frozen=True)
class Rate:
    """What a carrier would ask for a parcel, and its working days on the way."""

    service: str
    amount: Decimal
    currency: str
    days_min: int
    days_max: int


@dataclass(frozen=True)
class Label:
    """A label that exists at its carrier; `reference` is what the carrier voids it by."""

    reference: str
    tracking_number: str
    document: bytes
    media_type: str
    cost: Decimal


@dataclass(frozen=True)
class Report:
    """What a carrier says happened to a parcel; the same event has the same id every time."""

    event_id: str
    tracking_number: str
    kind: str
    occurred_at: datetime
    payload: dict[str, Any]
    expected_on: date | None = None


class CarrierAdapter(Protocol):
    """One carrier's way of being asked.

    Every call may raise CarrierDown (unknown what happened, call again); those that change
    something also CarrierRefused (nothing happened).
    """

    def rate(self, parcel: Parcel) -> list[Rate]:
        """Ask what a parcel would cost and how long it would take."""
        ...

    def make_label(self, parcel: Parcel, *, key: str) -> Label:
        """Make a label, or give the one that this key made before."""
        ...

    def find_labels(self, key: str) -> list[Label]:
        """List the labels that a key has made and that are not voided, the oldest first."""
        ...

    def void_label(self, reference: str) -> None:
        """Void a label; one that is voided or unknown already is no error."""
        ...

    def track(self, number: str) -> list[Report]:
        """List what happened to a parcel; nothing for a number that the carrier does not know."""
        ...

    def read_report(self, body: bytes, *, signature: str, now: datetime) -> Report:
        """Read what the carrier sent by itself; raise BadSignature or UnreadableReport."""
        ...
