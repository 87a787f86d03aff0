import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from orders.models import Order
from payments.models import Payment
from payments.sandbox import SandboxServer
from payments.voiding import void_payment
from tests import factories
from tests.fulfillment.scenes import make_scene, send, stock_problems
from tests.payments.paying import later, live_charges
from tests.storefront.staff.parcels import make_card_shipment, make_shipment
from tests.storefront.staff.people import messages_of, text_of

pytestmark = pytest.mark.django_db
S = Shipment.Status


def _page(shipment: Shipment) -> str:
    return reverse("staff:shipment", args=[shipment.number])


def _press(client: Client, step: str, shipment: Shipment, **form: str) -> list[str]:
    """Press a button of a shipment's page; gives what the page says then."""
    response = client.post(reverse(f"staff:{step}", args=[shipment.number]), form, follow=True)
    assert response.status_code == 200
    shipment.refresh_from_db()
    return messages_of(response)


def test_parcel_goes_from_shelf_to_door(merchant: Client, sandbox: SandboxServer) -> None:
    shipment = make_card_shipment(make_scene())
    sku = shipment.lines.get().order_line.sku
    assert "reserved with Card" in text_of(merchant.get(_page(shipment)))

    assert _press(merchant, "start-picking", shipment) == []
    assert _press(merchant, "scan", shipment, code=sku) == [f"{sku}: 1 of 2 picked."]
    assert _press(merchant, "pack", shipment) == [f"{shipment.number} is packed."]
    assert live_charges(sandbox)[0]["captured"] is False
    said = _press(merchant, "dispatch", shipment, tracking_number=" 1Z 999 ")

    assert [text.translate({0x2068: "", 0x2069: ""}) for text in said] == [
        "Dispatched. €154.62 taken with Card."
    ]
    assert (shipment.status, shipment.tracking_number) == (S.DISPATCHED, "1Z999")
    assert live_charges(sandbox)[0]["captured"] is True
    assert _press(merchant, "deliver", shipment) == [f"{shipment.number} is delivered."]
    order = shipment.order
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("completed", "paid")
    assert stock_problems() == []


def test_packer_hears_of_the_payment_without_amounts(
    packer: Client, sandbox: SandboxServer
) -> None:
    shipment = make_card_shipment(make_scene())
    _press(packer, "pack", shipment)

    assert _press(packer, "dispatch", shipment, tracking_number="T1") == [
        "Dispatched. The order is paid."
    ]


def test_parcel_stays_when_the_gateway_is_away(
    packer: Client, sandbox: SandboxServer, settings: object
) -> None:
    shipment = make_card_shipment(make_scene())
    _press(packer, "pack", shipment)
    home = settings.STRIPE_API_BASE  # type: ignore[attr-defined]
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]

    said = _press(packer, "dispatch", shipment, tracking_number="T1")

    assert said[0].startswith("Not dispatched: the payment gateway did not answer.")
    assert (shipment.status, shipment.tracking_number) == (S.PACKED, "")
    assert stock_problems() == []
    settings.STRIPE_API_BASE = home  # type: ignore[attr-defined]
    assert _press(packer, "dispatch", shipment, tracking_number="T1") == [
        "Dispatched. The order is paid."
    ]
    assert len(live_charges(sandbox)) == 1


def test_parcel_stays_when_the_money_is_gone(packer: Client, sandbox: SandboxServer) -> None:
    shipment = make_card_shipment(make_scene())
    _press(packer, "pack", shipment)
    void_payment(shipment.order_id, now=later(), reason="test")

    said = _press(packer, "dispatch", shipment, tracking_number="T1")

    assert said[0].startswith("Not dispatched: the money could not be taken")
    assert shipment.status == S.PACKED
    assert shipment.order.payments.get().status == Payment.Status.VOIDED
    assert stock_problems() == []


@pytest.mark.parametrize("step", ["start-picking", "pack", "dispatch", "tick", "scan"])
def test_step_that_comes_too_late_changes_nothing(packer: Client, step: str) -> None:
    shipment = make_shipment(make_scene())
    line = shipment.lines.get()
    send(shipment)

    said = _press(
        packer,
        step,
        shipment,
        tracking_number="OTHER",
        line=str(line.pk),
        code=line.order_line.sku,
    )

    assert said == [f"Nothing changed: {shipment.number} is already in the state “dispatched”."]
    assert (shipment.status, shipment.tracking_number) == (S.DISPATCHED, "T1")


def test_delivery_is_noted_once(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    send(shipment)
    _press(packer, "deliver", shipment)

    assert _press(packer, "deliver", shipment)[0].startswith("Nothing changed")


def test_parcel_on_the_shelf_is_not_delivered(packer: Client) -> None:
    shipment = make_shipment(make_scene())

    assert _press(packer, "deliver", shipment)[0].startswith("Nothing changed")
    assert shipment.status == S.PLANNED


def test_dispatch_needs_a_tracking_number(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    _press(packer, "pack", shipment)

    assert _press(packer, "dispatch", shipment, tracking_number="  ") == [
        "Scan the tracking number on the label first."
    ]
    assert shipment.status == S.PACKED


def test_tracking_number_of_another_parcel_is_refused(packer: Client) -> None:
    scene = make_scene()
    gone, shipment = make_shipment(scene), make_shipment(scene)
    send(gone)
    _press(packer, "pack", shipment)

    said = _press(packer, "dispatch", shipment, tracking_number="t1")

    assert said == [f"t1 is on parcel {gone.number} already. Scan the label of this one."]
    assert shipment.status == S.PACKED


def test_scanning_counts_units_and_knows_what_does_not_belong(packer: Client) -> None:
    scene = make_scene()
    shipment, other = make_shipment(scene), make_shipment(scene)
    line = shipment.lines.get().order_line
    _press(packer, "start-picking", shipment)

    assert _press(packer, "scan", shipment, code=line.variant.barcode) == [
        f"{line.sku}: 1 of 2 picked."
    ]
    assert _press(packer, "scan", shipment, code=line.sku.lower()) == [
        f"{line.sku}: 2 of 2 picked."
    ]
    assert _press(packer, "scan", shipment, code=line.sku) == [
        f"{line.sku} is complete already. This one is too many."
    ]
    wrong = other.lines.get().order_line.sku
    assert _press(packer, "scan", shipment, code=wrong) == [
        f"“{wrong}” is not in this parcel. Put it back."
    ]
    assert "2 of 2 picked" in text_of(packer.get(_page(shipment)))


def test_scanning_another_parcel_opens_it(packer: Client) -> None:
    scene = make_scene()
    shipment, other = make_shipment(scene), make_shipment(scene)

    response = packer.post(
        reverse("staff:scan", args=[shipment.number]), {"code": other.number.lower()}
    )

    assert response["Location"] == _page(other)


def test_line_is_ticked_and_unticked(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    line = str(shipment.lines.get().pk)

    _press(packer, "tick", shipment, line=line)
    assert 'aria-checked="true"' in packer.get(_page(shipment)).content.decode()
    _press(packer, "tick", shipment, line=line)
    assert 'aria-checked="false"' in packer.get(_page(shipment)).content.decode()


def test_step_leads_back_to_the_same_queue(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    step = reverse("staff:pack", args=[shipment.number])

    response = packer.post(f"{step}?state=to_pick&warehouse=w0")

    assert response["Location"] == f"{_page(shipment)}?state=to_pick&warehouse=w0"


def test_page_says_why_the_warehouse_was_chosen(merchant: Client) -> None:
    scene = make_scene()
    shipment = make_shipment(scene)
    factories.make_stock(shipment.lines.get().order_line.variant, scene.warehouses[1], 5)

    words = text_of(merchant.get(_page(shipment)))

    assert "1 parcel from W0 for" in words
    assert "It keeps the promised day." in words
    assert "W1 with Carrier Standard" in words
    assert "not enough in stock for the whole order" in words


def test_address_is_in_latin_letters_too_for_a_carrier_from_abroad(packer: Client) -> None:
    scene = make_scene()
    shipment = make_shipment(scene)
    address = factories.make_address(
        "CN",
        name="王芳",
        country_area="北京市",
        city="",
        street_address="长安街1号",
        postal_code="100006",
    )
    Order.objects.filter(pk=shipment.order_id).update(shipping_address=address)

    page = packer.get(_page(shipment)).content.decode()

    assert 'lang="zh"' in page
    assert "For a foreign carrier" in page
    assert "CHINA" in page


def test_parcel_of_a_held_order_is_not_to_be_sent(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    Order.objects.filter(pk=shipment.order_id).update(status=Order.Status.CANCELLED)

    assert "Do not send this parcel." in text_of(packer.get(_page(shipment)))
