"""What gateways without a wire have in common: people move the money and say so."""

from datetime import datetime

from payments.errors import GatewayRefused
from payments.gateways.base import (
    GatewayState,
    PaymentRef,
    RefundRequest,
    RefundState,
)
from payments.models import Payment, Refund


class OfflineGateway:
    """Knows only what our own rows say; refunds wait until staff have paid them out."""

    def fetch(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        """Say what we know; a payment that nobody made in time has failed."""
        waiting = payment.status in (Payment.Status.REQUIRES_ACTION, Payment.Status.PROCESSING)
        if waiting and payment.expires_at is not None and payment.expires_at <= now:
            return GatewayState(Payment.Status.FAILED, failure="expired")
        captured = payment.status == Payment.Status.CAPTURED
        return GatewayState(
            payment.status, captured=payment.amount if captured else 0 * payment.amount
        )

    def capture(self, payment: PaymentRef) -> GatewayState:
        raise GatewayRefused("Staff say when the money is there.", code="offline")

    def void(self, payment: PaymentRef, *, now: datetime) -> GatewayState:
        if payment.status == Payment.Status.CAPTURED:
            return GatewayState(Payment.Status.CAPTURED, captured=payment.amount)
        return GatewayState(Payment.Status.VOIDED)

    def refund(self, request: RefundRequest) -> RefundState:
        return RefundState(
            Refund.Status.PENDING, amount=request.amount, operation_key=request.operation_key
        )

    def fetch_refund(self, gateway_refund: str) -> RefundState:
        return RefundState(Refund.Status.PENDING, gateway_refund=gateway_refund)

    def find_refund(self, request: RefundRequest) -> RefundState | None:
        return None
