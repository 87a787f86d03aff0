"""What can go wrong with money. Each says what state it leaves behind."""

from decimal import Decimal


class PaymentError(Exception):
    """Any of this room's refusals; the message is for logs, not for shoppers."""


class MethodNotOffered(PaymentError):
    """The method is not offered for the order's market, country, currency or amount."""


class OrderNotPayable(PaymentError):
    """The order is over or there is nothing to pay; no payment was made."""


class AlreadyPaid(PaymentError):
    """The order has a charge; no second one was made."""


class GatewayUnavailable(PaymentError):
    """The gateway gave no answer: what happened there is unknown. The same call is safe again."""


class GatewayRefused(PaymentError):
    """The gateway said no and did nothing; the same call would be refused again."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AmountMismatch(PaymentError):
    """An amount differs from what the payment is over; nothing was recorded."""

    def __init__(self, *, expected: Decimal, found: Decimal, currency: str) -> None:
        super().__init__(f"expected {expected} {currency}, found {found} {currency}")
        self.expected = expected
        self.found = found
        self.currency = currency


class NothingToCapture(PaymentError):
    """The order has no authorised payment; nothing was captured."""


class NothingToConfirm(PaymentError):
    """The order waits for no bank transfer; nothing was recorded."""


class AlreadyCaptured(PaymentError):
    """The money was taken, or is being taken, and cannot be let go: only a refund helps."""


class NotRefundable(PaymentError):
    """Nothing was taken with this payment; there is nothing to give back."""


class RefundTooLarge(PaymentError):
    """More than is left of what was captured; nothing was refunded."""


class OperationKeyReused(PaymentError):
    """The operation key belongs to a refund of another payment or amount."""
