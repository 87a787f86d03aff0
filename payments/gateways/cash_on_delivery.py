"""Cash for the carrier at the door: agreed at once, captured when it was collected."""

from datetime import datetime

from payments.gateways.base import GatewayState, Opened, SessionRequest
from payments.gateways.offline import OfflineGateway
from payments.models import Payment


class CashOnDeliveryGateway(OfflineGateway):
    def open(self, request: SessionRequest, *, now: datetime) -> Opened:
        return Opened(session="", redirect_url="", state=GatewayState(Payment.Status.AUTHORISED))
