import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Return, Shipment
from orders.models import Order
from tests.fulfillment.scenes import make_scene
from tests.storefront.staff.parcels import make_held_order, make_return, make_shipment
from tests.storefront.staff.people import (
    PASSWORD,
    log_in,
    make_packer,
    make_shopper,
    messages_of,
    text_of,
)

pytestmark = pytest.mark.django_db
QUEUE, LOGIN = "/staff/", "/staff/login/"


def _pages(number: str) -> list[str]:
    return [
        QUEUE,
        reverse("staff:find"),
        reverse("staff:returns"),
        reverse("staff:shipment", args=[number]),
        reverse("staff:order", args=[number]),
        reverse("staff:return", args=[number]),
        reverse("staff:sku", args=[number]),
    ]


@pytest.mark.parametrize("page", _pages("X"))
def test_stranger_is_led_to_the_login_page_and_back(client: Client, page: str) -> None:
    response = client.get(page)

    assert response.status_code == 302
    assert response["Location"] == f"{LOGIN}?next={page}"


@pytest.mark.parametrize("page", _pages("X"))
def test_shopper_is_refused(page: str) -> None:
    response = log_in(make_shopper()).get(page)

    assert response.status_code == 403
    assert "The console is for staff" in text_of(response)


def test_staff_without_the_right_to_see_shipments_are_refused() -> None:
    user = make_packer()
    user.user_permissions.clear()

    assert log_in(user).get(QUEUE).status_code == 403


def test_login_opens_the_page_that_was_asked_for(client: Client) -> None:
    make_packer("ole@example.com")

    response = client.post(
        LOGIN,
        {"username": "ole@example.com", "password": PASSWORD, "next": "/staff/returns/"},
    )

    assert (response.status_code, response["Location"]) == (302, "/staff/returns/")


def test_login_never_leads_to_another_site(client: Client) -> None:
    make_packer("ole@example.com")

    response = client.post(
        LOGIN, {"username": "ole@example.com", "password": PASSWORD, "next": "https://evil.test/"}
    )

    assert response["Location"] == QUEUE


def test_login_answers_a_shopper_like_a_wrong_password(client: Client) -> None:
    make_shopper("ada@example.com")

    right = client.post(LOGIN, {"username": "ada@example.com", "password": PASSWORD})
    wrong = client.post(LOGIN, {"username": "ada@example.com", "password": "wrong"})

    sentence = "This e-mail and password do not open the console. Check both."
    assert sentence in text_of(right)
    assert sentence in text_of(wrong)
    assert "_auth_user_id" not in client.session


def test_logout_closes_the_console(packer: Client) -> None:
    packer.post("/staff/logout/")

    assert packer.get(QUEUE).status_code == 302


def test_packer_sees_no_prices() -> None:
    scene = make_scene()
    goods_return = make_return(scene, unit_price="77.31")
    held = make_held_order(scene)
    shipment = make_shipment(scene)
    pages = [
        QUEUE,
        reverse("staff:shipment", args=[shipment.number]),
        reverse("staff:order", args=[shipment.order.number]),
        reverse("staff:order", args=[held.number]),
        reverse("staff:order", args=[goods_return.order.number]),
        reverse("staff:return", args=[goods_return.number]),
    ]
    packer = log_in(make_packer())

    for page in pages:
        words = text_of(packer.get(page))
        assert "€" not in words, page
        assert "EUR" not in words, page
        assert "77.31" not in words, page


def test_merchant_sees_prices(merchant: Client) -> None:
    shipment = make_shipment(make_scene())

    words = text_of(merchant.get(reverse("staff:order", args=[shipment.order.number])))

    assert "€154.62" in words.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("step", ["release-order", "cancel-order", "confirm-transfer"])
def test_packer_decides_nothing_about_orders(packer: Client, step: str) -> None:
    order = make_held_order(make_scene())

    response = packer.post(reverse(f"staff:{step}", args=[order.number]))

    assert response.status_code == 403
    order.refresh_from_db()
    assert order.status == Order.Status.ON_HOLD


def test_packer_refunds_nothing(packer: Client) -> None:
    goods_return = make_return(make_scene())
    Return.objects.filter(pk=goods_return.pk).update(status=Return.Status.INSPECTED)

    response = packer.post(reverse("staff:refund-return", args=[goods_return.number]))

    assert response.status_code == 403
    assert "Your account lacks the right" in text_of(response)
    assert not goods_return.order.payments.get().refunds.exists()


def test_reader_moves_no_shipment() -> None:
    shipment = make_shipment(make_scene())
    user = make_packer()
    user.user_permissions.remove(*user.user_permissions.filter(codename="change_shipment"))
    client = log_in(user)

    response = client.post(reverse("staff:start-picking", args=[shipment.number]))

    assert response.status_code == 403
    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.PLANNED
    page = client.get(reverse("staff:shipment", args=[shipment.number])).content.decode()
    assert 'data-test="start-picking"' not in page


def test_step_needs_a_token_of_the_page() -> None:
    shipment = make_shipment(make_scene())
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_packer())

    response = client.post(reverse("staff:start-picking", args=[shipment.number]))

    assert response.status_code == 403
    shipment.refresh_from_db()
    assert shipment.status == Shipment.Status.PLANNED


def test_step_is_not_taken_by_a_link(packer: Client) -> None:
    shipment = make_shipment(make_scene())

    assert packer.get(reverse("staff:pack", args=[shipment.number])).status_code == 405


@pytest.mark.parametrize("name", ["shipment", "order", "return", "sku"])
def test_unknown_number_is_not_found(packer: Client, name: str) -> None:
    assert packer.get(reverse(f"staff:{name}", args=["NOPE"])).status_code == 404


def test_message_is_shown_once(packer: Client) -> None:
    shipment = make_shipment(make_scene())
    pack = reverse("staff:pack", args=[shipment.number])

    first = packer.post(pack, follow=True)
    again = packer.get(reverse("staff:shipment", args=[shipment.number]))

    assert messages_of(first) == [f"{shipment.number} is packed."]
    assert messages_of(again) == []


@pytest.mark.parametrize(
    ("wish", "language", "direction"),
    [("ar", "ar", "rtl"), ("ja,en", "ja", "ltr"), ("pt-BR", "pt-br", "ltr"), ("sv", "en", "ltr")],
)
def test_page_speaks_the_browser_language(
    packer: Client, wish: str, language: str, direction: str
) -> None:
    page = packer.get(QUEUE, headers={"Accept-Language": wish}).content.decode()

    assert f'<html lang="{language}" dir="{direction}">' in page
