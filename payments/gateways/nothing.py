"""Orders that cost nothing: their payment is captured as it is written, and nobody is called."""

from datetime import datetime

from payments.errors import GatewayRefused
from payments.gateways.base import Opened, SessionRequest
from payments.gateways.offline import OfflineGateway


class NothingGateway(OfflineGateway):
    def open(self, request: SessionRequest, *, now: datetime) -> Opened:
        raise GatewayRefused("There is nothing to pay.", code="nothing")
