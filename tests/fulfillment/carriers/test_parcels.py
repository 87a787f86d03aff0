"""What a shipment says to its carrier."""

import pytest

from fulfillment.carriers.parcels import parcel_of
from fulfillment.models import Shipment
from fulfillment.routes import resend_shipment
from payments.models import Payment, PaymentMethod
from tests.fulfillment.carriers.packing import dispatch, make_packed, make_yard
from tests.fulfillment.scenes import NOW

pytestmark = pytest.mark.django_db


def test_cash_is_taken_with_the_parcel_that_replaces_a_lost_one() -> None:
    shipment = dispatch(make_packed(make_yard()), "T1")
    Payment.objects.update(status=Payment.Status.AUTHORISED)
    PaymentMethod.objects.update(gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY)
    Shipment.objects.update(status=Shipment.Status.EXCEPTION)
    resend_shipment(shipment.pk, reason="lost", user=None, now=NOW)

    again = shipment.order.shipments.exclude(pk=shipment.pk).get()

    assert parcel_of(again).collect == Payment.objects.get().amount.amount
