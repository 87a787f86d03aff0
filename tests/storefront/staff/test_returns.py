import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Return, ReturnLine, StockMovement
from fulfillment.returns import request_return
from payments.models import Refund
from payments.sandbox import SandboxServer
from tests.fulfillment.scenes import make_scene
from tests.payments.paying import later
from tests.storefront.staff.parcels import make_card_shipment, make_return
from tests.storefront.staff.people import log_in, make_packer, messages_of, text_of

pytestmark = pytest.mark.django_db
R = Return.Status


def _page(goods_return: Return) -> str:
    return reverse("staff:return", args=[goods_return.number])


def _press(client: Client, step: str, goods_return: Return, **form: str) -> list[str]:
    response = client.post(
        reverse(f"staff:{step}", args=[goods_return.number]),
        {name.replace("_", "-"): value for name, value in form.items()},
        follow=True,
    )
    assert response.status_code == 200
    goods_return.refresh_from_db()
    return messages_of(response)


def _line(goods_return: Return) -> ReturnLine:
    return goods_return.lines.get()


def _receive(
    client: Client, goods_return: Return, units: str = "2", place: str = "w0"
) -> list[str]:
    line = _line(goods_return).pk
    return _press(
        client, "receive-return", goods_return, **{f"received-{line}": units}, warehouse=place
    )


def _inspect(client: Client, goods_return: Return, grade: str = "a") -> list[str]:
    return _press(
        client, "inspect-return", goods_return, **{f"grade-{_line(goods_return).pk}": grade}
    )


def _plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def _make_card_return(currency: str, unit_price: str) -> Return:
    shipment = make_card_shipment(make_scene(currency=currency), unit_price=unit_price)
    order = shipment.order
    client = log_in(make_packer("other@example.com"))
    client.post(reverse("staff:pack", args=[shipment.number]))
    client.post(
        reverse("staff:dispatch", args=[shipment.number]), {"tracking_number": shipment.number}
    )
    return request_return(order, [(order.lines.get().pk, 2, "damaged")], note="", now=later())


def test_goods_come_back_and_the_money_goes_back(merchant: Client, sandbox: SandboxServer) -> None:
    goods_return = _make_card_return("JPY", "3890")

    assert _press(merchant, "approve-return", goods_return) == [
        f"{goods_return.number} is approved. The shopper may send the goods."
    ]
    assert _receive(merchant, goods_return) == [f"{goods_return.number} is received. Grade it now."]
    assert _inspect(merchant, goods_return) == [f"{goods_return.number} is inspected."]
    assert "Refund ¥7,780 to Card" in _plain(text_of(merchant.get(_page(goods_return)))).replace(
        "JP¥", "¥"
    )
    said = _press(merchant, "refund-return", goods_return)

    assert [_plain(text).replace("JP¥", "¥") for text in said] == ["¥7,780: Paid back."]
    assert goods_return.status == R.REFUNDED
    refund = goods_return.order.payments.get().refunds.get()
    assert (refund.status, str(refund.amount.amount)) == (Refund.Status.SUCCEEDED, "7780.000")
    movement = StockMovement.objects.get(kind="return")
    assert (movement.quantity, movement.reference) == (2, goods_return.number)
    assert movement.user is not None


def test_refund_waits_for_a_gateway_that_is_away(
    merchant: Client, sandbox: SandboxServer, settings: object
) -> None:
    goods_return = _make_card_return("EUR", "10.00")
    _press(merchant, "approve-return", goods_return)
    _receive(merchant, goods_return)
    _inspect(merchant, goods_return)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]

    said = _press(merchant, "refund-return", goods_return)

    assert "has not answered yet. It is asked again." in said[0]
    assert goods_return.order.payments.get().refunds.count() == 1


def test_refund_is_made_once(merchant: Client, sandbox: SandboxServer) -> None:
    goods_return = _make_card_return("EUR", "10.00")
    _press(merchant, "approve-return", goods_return)
    _receive(merchant, goods_return)
    _inspect(merchant, goods_return)
    _press(merchant, "refund-return", goods_return)

    assert _press(merchant, "refund-return", goods_return)[0].startswith("Nothing changed")
    assert goods_return.order.payments.get().refunds.count() == 1


def test_refund_by_hand_is_booked_on_the_queue(merchant: Client) -> None:
    goods_return = make_return(make_scene())
    _press(merchant, "approve-return", goods_return)
    _receive(merchant, goods_return)
    _inspect(merchant, goods_return)

    said = _press(merchant, "refund-return", goods_return)
    assert "Waits until someone has paid it back by hand." in said[0]
    assert "Refunds to pay out by hand" in text_of(merchant.get("/staff/"))
    refund = goods_return.order.payments.get().refunds.get()
    paid = merchant.post(reverse("staff:paid-back", args=[refund.pk]), follow=True)
    again = merchant.post(reverse("staff:paid-back", args=[refund.pk]), follow=True)

    refund.refresh_from_db()
    assert refund.status == Refund.Status.SUCCEEDED
    assert "is booked as paid back." in messages_of(paid)[0]
    assert messages_of(again) == ["Nothing changed: this refund does not wait for you."]


def test_grade_decides_what_becomes_of_goods(packer: Client) -> None:
    goods_return = make_return(make_scene())
    _press(packer, "approve-return", goods_return)
    _receive(packer, goods_return, "1")

    page = text_of(packer.get(_page(goods_return)))
    assert "1 A: as new back on the shelf" in page
    assert "4 D: not to be sold recycle" in page
    _inspect(packer, goods_return, "d")

    assert _line(goods_return).disposition == ReturnLine.Disposition.RECYCLE
    assert not StockMovement.objects.filter(kind="return").exists()
    assert "A colleague who may refund" in text_of(packer.get(_page(goods_return)))


def test_line_without_a_grade_is_not_inspected(packer: Client) -> None:
    goods_return = make_return(make_scene())
    _press(packer, "approve-return", goods_return)
    _receive(packer, goods_return)

    assert _inspect(packer, goods_return, "") == [
        "Grade every line that arrived, then finish the inspection."
    ]
    assert goods_return.status == R.RECEIVED


@pytest.mark.parametrize(
    ("units", "place", "sentence"),
    [
        ("3", "w0", "Count again: no line can have more units than announced."),
        ("x", "w0", "Count again: no line can have more units than announced."),
        ("0", "w0", "Enter how many units arrived, or reject the return."),
        ("2", "nowhere", "Choose the warehouse that received the goods."),
    ],
)
def test_count_that_cannot_be_is_refused(
    packer: Client, units: str, place: str, sentence: str
) -> None:
    goods_return = make_return(make_scene())
    _press(packer, "approve-return", goods_return)

    assert _receive(packer, goods_return, units, place) == [sentence]
    assert goods_return.status == R.APPROVED


@pytest.mark.parametrize("step", ["approve-return", "reject-return", "receive-return"])
def test_step_that_comes_too_late_changes_nothing(packer: Client, step: str) -> None:
    goods_return = make_return(make_scene())
    _press(packer, "approve-return", goods_return)
    _receive(packer, goods_return)
    line = _line(goods_return).pk

    said = _press(packer, step, goods_return, warehouse="w1", **{f"received-{line}": "1"})

    assert said == [f"Nothing changed: {goods_return.number} is already in the state “received”."]
    assert _line(goods_return).received == 2


def test_return_is_rejected(packer: Client) -> None:
    goods_return = make_return(make_scene())

    assert _press(packer, "reject-return", goods_return) == [f"{goods_return.number} is rejected."]
    assert goods_return.status == R.REJECTED


def test_refund_before_inspection_changes_nothing(merchant: Client) -> None:
    goods_return = make_return(make_scene())

    assert _press(merchant, "refund-return", goods_return)[0].startswith("Nothing changed")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (R.REQUESTED, "requested"),
        (R.IN_TRANSIT, "expected"),
        (R.RECEIVED, "received"),
        (R.INSPECTED, "inspected"),
        (R.REJECTED, "done"),
    ],
)
def test_return_is_listed_by_its_state(packer: Client, status: str, state: str) -> None:
    goods_return = make_return(make_scene())
    Return.objects.filter(pk=goods_return.pk).update(status=status)

    assert goods_return.number in text_of(packer.get("/staff/returns/", {"state": state}))
    other = "done" if state != "done" else "requested"
    assert goods_return.number not in text_of(packer.get("/staff/returns/", {"state": other}))


def test_page_shows_what_the_shopper_wrote(packer: Client) -> None:
    words = text_of(packer.get(_page(make_return(make_scene()))))

    assert "Broken." in words
    assert "Damaged or defective" in words
    assert "requested." in words
