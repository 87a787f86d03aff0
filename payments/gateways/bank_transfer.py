"""Transfers to the shop's bank account, matched by the order number as reference."""

from datetime import datetime, timedelta

from payments.gateways.base import GatewayState, Opened, SessionRequest
from payments.gateways.offline import OfflineGateway
from payments.models import Payment

# A transfer that is sent before a weekend arrives after it.
DEFAULT_HOURS = 7 * 24


class BankTransferGateway(OfflineGateway):
    """Tells the shopper where to send the money and waits until staff confirm that it came."""

    def open(self, request: SessionRequest, *, now: datetime) -> Opened:
        hours = request.method.pay_within_hours or DEFAULT_HOURS
        expires_at = now + timedelta(hours=hours)
        state = GatewayState(
            Payment.Status.PROCESSING,
            expires_at=expires_at,
            instructions={
                "kind": "bank_transfer",
                "reference": request.order_number,
                "payee": request.payee,
                "amount": str(request.amount),
                "currency": request.currency,
                "expires_at": expires_at.isoformat(),
            },
        )
        return Opened(session="", redirect_url="", state=state)
