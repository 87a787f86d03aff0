"""One label and one number for a parcel, however its carrier fails."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError

from fulfillment.carrier_server import CarrierServer
from fulfillment.carriers import labels
from fulfillment.carriers.errors import NoLabelHere
from fulfillment.carriers.finding import label_number, list_down, list_label_trouble
from fulfillment.carriers.labels import DOWN_FOR, LATE, MAX_TRIES, request_label
from fulfillment.carriers.sweeping import retry_labels
from fulfillment.models import Carrier, Shipment, ShipmentLabel
from tests import factories
from tests.fulfillment.carriers.packing import (
    dispatch,
    labels_of,
    make_packed,
    make_yard,
)
from tests.fulfillment.scenes import NOW, run_together

pytestmark = pytest.mark.django_db
L = ShipmentLabel.Status


def test_label_is_made_once_with_its_document(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    label = request_label(shipment.pk, now=NOW)
    again = request_label(shipment.pk, now=NOW)
    (made,) = carriers.labels(carrier="postline")
    assert (label.status, label.tracking_number) == (L.MADE, made["tracking_number"])
    assert again.pk == label.pk
    assert label.document is not None
    assert bytes(label.document).startswith(b"%PDF-")
    assert label.cost is not None
    assert label.next_try_at is None
    assert label_number(shipment.pk) == made["tracking_number"]


@pytest.mark.django_db(transaction=True)
def test_many_hands_at_once_get_one_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    run_together([lambda: request_label(shipment.pk, now=NOW)] * 6)
    retry_labels(NOW)
    assert len(carriers.labels()) == 1
    assert [status for status, _ in labels_of(shipment)] == [L.MADE]


def test_carrier_without_adapter_is_served_by_hand(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard(adapter=""))
    with pytest.raises(NoLabelHere):
        request_label(shipment.pk, now=NOW)
    assert retry_labels(NOW + timedelta(minutes=1)) == 0
    assert dispatch(shipment, "BYHAND1").tracking_number == "BYHAND1"
    assert carriers.labels() == []


def test_sweep_asks_for_a_label_that_nobody_asked_for(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    assert retry_labels(NOW + timedelta(seconds=1)) == 0
    assert retry_labels(NOW + timedelta(seconds=20)) == 1
    assert label_number(shipment.pk) == carriers.labels()[0]["tracking_number"]


def test_down_carrier_is_asked_again_and_staff_see_it(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "down")
    label = request_label(shipment.pk, now=NOW)
    assert (label.status, label.tries) == (L.REQUESTED, 1)
    assert "503" in label.error
    assert [row.shipment_id for row in list_label_trouble()] == [shipment.pk]
    carriers.trouble("postline", "none")
    assert retry_labels(NOW + timedelta(seconds=5)) == 0, "not before the pause is over"
    assert retry_labels(NOW + timedelta(seconds=11)) == 1
    assert [status for status, _ in labels_of(shipment)] == [L.MADE]
    assert list(list_label_trouble()) == []
    assert len(carriers.labels()) == 1


def test_outage_without_another_way_ends_in_a_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "down")
    request_label(shipment.pk, now=NOW)
    now = NOW
    for _ in range(MAX_TRIES - 1):
        now += timedelta(minutes=2)
        retry_labels(now)
    assert [status for status, _ in labels_of(shipment)] == [L.FAILED]
    assert [carrier.code for carrier in list_down(now=now)] == ["postline"]
    assert [row.shipment_id for row in list_label_trouble()] == [shipment.pk]
    assert retry_labels(now + timedelta(minutes=1)) == 0, "a carrier that is down has its peace"
    carriers.trouble("postline", "none")
    now += DOWN_FOR + timedelta(minutes=3)
    retry_labels(now)
    assert label_number(shipment.pk) == carriers.labels()[0]["tracking_number"]
    assert Carrier.objects.get().down_until is None
    retry_labels(now + timedelta(days=1))
    assert len(carriers.labels()) == 1


def test_parcel_of_a_down_carrier_goes_with_another(carriers: CarrierServer) -> None:
    yard = make_yard(second=True)
    shipment, next_one = make_packed(yard), make_packed(yard)
    carriers.trouble("postline", "down")
    request_label(shipment.pk, now=NOW)
    now = NOW
    for _ in range(MAX_TRIES - 1):
        now += timedelta(minutes=2)
        retry_labels(now)
    # Who waits need not find out for himself, and who comes later is planned around it.
    retry_labels(now)
    last_one = make_packed(yard)
    request_label(last_one.pk, now=now)
    for parcel in (shipment, next_one, last_one):
        parcel.refresh_from_db()
        assert parcel.service == yard.second
        tried = [L.MADE] if parcel == last_one else [L.FAILED, L.MADE]
        assert [status for status, _ in labels_of(parcel)] == tried
    assert len(carriers.labels(carrier="norddirekt")) == 3
    assert list(list_label_trouble()) == []


@pytest.mark.usefixtures("impatient")
def test_slow_carrier_makes_one_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "slow", slow_seconds=1)
    label = request_label(shipment.pk, now=NOW)
    assert label.status == L.REQUESTED
    assert "Timeout" in label.error
    assert len(carriers.labels()) == 1, "it was made, only the answer came too late"
    carriers.trouble("postline", "none")
    retry_labels(NOW + timedelta(minutes=1))
    assert label_number(shipment.pk) == carriers.labels()[0]["tracking_number"]
    assert len(carriers.labels()) == 1


def test_carrier_that_fails_after_the_label_makes_one(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "fails")
    assert request_label(shipment.pk, now=NOW).status == L.REQUESTED
    carriers.trouble("postline", "none")
    retry_labels(NOW + timedelta(minutes=1))
    (made,) = carriers.labels()
    assert labels_of(shipment) == [(L.MADE, made["tracking_number"])]


def test_worker_that_died_with_the_answer_leaves_one_label(
    carriers: CarrierServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipment = make_packed(make_yard())

    def die(*what: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(labels, "_record", die)
        request_label(shipment.pk, now=NOW)
    assert labels_of(shipment) == [(L.REQUESTED, "")]
    assert retry_labels(NOW + timedelta(seconds=60)) == 0, "it might be at it still"
    retry_labels(NOW + timedelta(seconds=91))
    (made,) = carriers.labels()
    assert labels_of(shipment) == [(L.MADE, made["tracking_number"])]


def test_carrier_that_answers_twice_keeps_one_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "twice")
    label = request_label(shipment.pk, now=NOW)
    (made,) = carriers.labels()
    assert label.tracking_number == made["tracking_number"]
    assert len(carriers.labels(status="voided")) == 1


@pytest.mark.usefixtures("impatient")
def test_late_second_label_is_voided(carriers: CarrierServer) -> None:
    """A carrier that forgets its keys and whose first answer is lost has made two in the end."""
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "fails")
    request_label(shipment.pk, now=NOW)
    carriers.trouble("postline", "forgets")
    retry_labels(NOW + timedelta(minutes=1))
    number = label_number(shipment.pk)
    # The lost try arrives there only now.
    key = str(ShipmentLabel.objects.get().operation_key)
    _make_by_hand(carriers, shipment, key)
    assert len(carriers.labels()) == 2
    retry_labels(NOW + timedelta(minutes=2) + LATE)
    assert [made["tracking_number"] for made in carriers.labels()] == [number]
    assert ShipmentLabel.objects.get().next_try_at is None


def test_refused_label_waits_for_a_person(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "refuses")
    label = request_label(shipment.pk, now=NOW)
    assert (label.status, label.is_refused) == (L.FAILED, True)
    assert label.error == "The receiver's address is not known to us."
    carriers.trouble("postline", "none")
    assert retry_labels(NOW + timedelta(hours=1)) == 0
    assert request_label(shipment.pk, now=NOW, insist=True).status == L.MADE


def test_number_entered_by_hand_wins_over_the_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    request_label(shipment.pk, now=NOW)
    dispatch(shipment, "BYHAND2")
    retry_labels(NOW + timedelta(minutes=1))
    assert carriers.labels() == []
    assert [status for status, _ in labels_of(shipment)] == [L.VOIDED]


def test_label_of_a_cancelled_shipment_is_voided_when_its_carrier_is_back(
    carriers: CarrierServer,
) -> None:
    shipment = make_packed(make_yard())
    request_label(shipment.pk, now=NOW)
    Shipment.objects.filter(pk=shipment.pk).update(status=Shipment.Status.CANCELLED)
    carriers.trouble("postline", "down")
    retry_labels(NOW + timedelta(minutes=1))
    assert [status for status, _ in labels_of(shipment)] == [L.VOIDED]
    assert len(carriers.labels()) == 1
    carriers.trouble("postline", "none")
    retry_labels(NOW + timedelta(hours=7))
    assert carriers.labels() == []
    assert ShipmentLabel.objects.get().next_try_at is None


@pytest.mark.usefixtures("impatient")
def test_label_of_a_lost_try_is_voided_after_a_dispatch_by_hand(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    carriers.trouble("postline", "slow", slow_seconds=1)
    request_label(shipment.pk, now=NOW)
    dispatch(shipment, "BYHAND3")
    carriers.trouble("postline", "none")
    for minutes in (1, 2):
        retry_labels(NOW + timedelta(minutes=minutes))
    assert carriers.labels() == []
    assert label_number(shipment.pk) == ""


def test_shipment_that_is_not_packed_takes_no_label(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    Shipment.objects.filter(pk=shipment.pk).update(status=Shipment.Status.PLANNED)
    with pytest.raises(NoLabelHere):
        request_label(shipment.pk, now=NOW)
    assert labels_of(shipment) == []


def test_second_live_label_is_refused_by_the_database(carriers: CarrierServer) -> None:
    shipment = make_packed(make_yard())
    request_label(shipment.pk, now=NOW)
    label = ShipmentLabel(
        shipment=shipment,
        service=shipment.service,
        operation_key=uuid.uuid4(),
        requested_at=NOW,
    )
    with pytest.raises(IntegrityError, match="label_one_per_shipment"):
        label.save()


def test_order_of_two_parcels_has_its_cash_on_one(carriers: CarrierServer) -> None:
    from fulfillment.carriers.parcels import parcel_of
    from payments.models import Payment, PaymentMethod

    shipment = make_packed(make_yard())
    method = factories.make_method(
        shipment.order.market, "cash", gateway=PaymentMethod.Gateway.CASH_ON_DELIVERY
    )
    Payment.objects.filter(order=shipment.order).delete()
    payment = factories.make_payment(shipment.order, method, status=Payment.Status.AUTHORISED)
    second = Shipment.objects.get(pk=shipment.pk)
    second.pk, second.number = None, f"{shipment.number}-2"
    second.save()
    assert parcel_of(shipment).collect == payment.amount.amount
    assert parcel_of(second).collect is None


def _make_by_hand(carriers: CarrierServer, shipment: Shipment, key: str) -> None:
    from fulfillment.carriers.adapters import find_adapter
    from fulfillment.carriers.parcels import parcel_of

    adapter = find_adapter(Carrier.objects.get(code="postline"))
    assert adapter is not None
    adapter.make_label(parcel_of(shipment), key=key)
