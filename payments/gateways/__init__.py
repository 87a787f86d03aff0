"""The adapters, one per gateway, by the code that methods carry."""

from payments.gateways.bank_transfer import BankTransferGateway
from payments.gateways.base import Gateway
from payments.gateways.cash_on_delivery import CashOnDeliveryGateway
from payments.gateways.nothing import NothingGateway
from payments.gateways.stripe import StripeGateway
from payments.models import PaymentMethod

GATEWAYS: dict[str, Gateway] = {
    PaymentMethod.Gateway.STRIPE: StripeGateway(),
    PaymentMethod.Gateway.BANK_TRANSFER: BankTransferGateway(),
    PaymentMethod.Gateway.CASH_ON_DELIVERY: CashOnDeliveryGateway(),
    PaymentMethod.Gateway.NOTHING: NothingGateway(),
}


def get_gateway(code: str) -> Gateway:
    """Give the adapter of a gateway; raise KeyError for a code that has none."""
    return GATEWAYS[code]
