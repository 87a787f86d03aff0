"""What every gateway can do, and the words in which it is asked and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from payments.models import Payment, PaymentMethod, Refund


@dataclass(frozen=True)
class SessionLine:
    """One line of what is paid: `amount` is gross and for the whole quantity."""

    name: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class ShippingTo:
    name: str
    country: str
    street_address: str
    city: str
    country_area: str
    postal_code: str


@dataclass(frozen=True)
class SessionRequest:
    """A payment to open. The same request gives the same session, however often it is made.

    `lines` add up to `amount`, in `currency`; `expires_at` is when the gateway stops waiting for
    the shopper.
    """

    operation_key: str
    order_number: str
    method: PaymentMethod
    lines: Sequence[SessionLine]
    amount: Decimal
    currency: str
    email: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    shipping: ShippingTo
    payee: str = ""

    @property
    def metadata(self) -> dict[str, str]:
        """Give what is written beside the gateway's objects, to find our rows by."""
        return {"payment": self.operation_key, "order": self.order_number}


@dataclass(frozen=True)
class PaymentRef:
    """A payment as its gateway knows it."""

    operation_key: str
    session: str
    payment: str
    amount: Decimal
    currency: str
    status: Payment.Status
    expires_at: datetime | None = None


@dataclass(frozen=True)
class GatewayState:
    """Where a payment stands at its gateway; `captured` is what was taken, in its currency.

    `instructions` tell the shopper how to pay what is still open: a voucher, a transfer.
    """

    status: Payment.Status
    captured: Decimal = Decimal(0)
    gateway_payment: str = ""
    failure: str = ""
    expires_at: datetime | None = None
    instructions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """An opened payment: the gateway's session, where to send the shopper, where it stands."""

    session: str
    redirect_url: str
    state: GatewayState


@dataclass(frozen=True)
class RefundRequest:
    """Money to give back. `operation_key` and `attempt` together make it happen once."""

    operation_key: str
    attempt: int
    payment: PaymentRef
    method: PaymentMethod
    amount: Decimal
    email: str


@dataclass(frozen=True)
class RefundState:
    """Where a refund stands at its gateway; `operation_key` is empty if it is not of our making.

    `attempt` says which of our tries it was.
    """

    status: Refund.Status
    gateway_refund: str = ""
    gateway_payment: str = ""
    amount: Decimal = Decimal(0)
    operation_key: str = ""
    attempt: int = 1
    failure: str = ""


class Gateway(Protocol):
    """Where payments of some methods are made.

    Every call may raise GatewayUnavailable (unknown what happened, call again) and those that
    change something GatewayRefused (nothing happened).
    """

    def open(self, request: SessionRequest, *, now: datetime) -> Opened:
        """Open a payment for the shopper, or give the one that this request opened before."""
        ...

    def fetch(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        """Look where a payment stands."""
        ...

    def capture(self, payment: PaymentRef) -> GatewayState:
        """Take all that was authorised."""
        ...

    def void(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        """Let go of a payment that was not captured and say where it stands after."""
        ...

    def refund(self, request: RefundRequest) -> RefundState:
        """Give captured money back."""
        ...

    def fetch_refund(self, gateway_refund: str) -> RefundState:
        """Look where a refund stands."""
        ...

    def find_refund(self, request: RefundRequest) -> RefundState | None:
        """Find the refund that this request made, long after its key was forgotten."""
        ...
