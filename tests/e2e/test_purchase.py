"""A whole purchase, from the home page to the refund, as three shoppers and one ops person."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from fulfillment.models import Return, Shipment, StockMovement
from markets.money import from_gateway
from orders.models import Order
from payments.models import Payment, Refund
from storefront.notifications.mailbox import Letter, list_letters
from tests.conftest import NewPage
from tests.e2e.conftest import OpenShop

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Shopper:
    """Who buys where: the shop, the browser's language and what goes into the form."""

    shop: str
    locale: str
    direction: str
    address: dict[str, str]
    email: str
    thanks: str
    shipped: str
    secure: bool = False


SHOPPERS = {
    "de": Shopper(
        shop="de-de",
        locale="de-DE",
        direction="ltr",
        address={
            "name": "Jonas Petersen",
            "street_address": "Große Elbstraße 42",
            "postal_code": "22767",
            "city": "Hamburg",
        },
        email="jonas@example.com",
        thanks="Ihre Bestellung",
        shipped="unterwegs",
    ),
    "jp": Shopper(
        shop="jp-ja",
        locale="ja-JP",
        direction="ltr",
        address={
            "name": "青木 葵",
            "postal_code": "559-0031",
            "country_area": "大阪府",
            "street_address": "大阪市住之江区南港東2-1-5",
        },
        email="aoi@example.com",
        thanks="ご注文",
        shipped="発送",
    ),
    "ae": Shopper(
        shop="ae-ar",
        locale="ar-AE",
        direction="rtl",
        address={
            "name": "ليلى الهاشمي",
            "street_address": "شارع الشيخ زايد 12",
            "country_area": "دبي",
        },
        email="layla@example.com",
        thanks="طلب",
        shipped="الطريق",
        secure=True,
    ),
}


def by(page: Page, hook: str) -> Locator:
    return page.locator(f'[data-test="{hook}"]')


def wait_for(what: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.05)


def letter_to(shopper: Shopper, words: str) -> Letter:
    found: list[Letter] = []

    def look() -> bool:
        found[:] = [
            letter
            for letter in list_letters()
            if shopper.email in letter.to and words in letter.subject
        ]
        return bool(found)

    wait_for(look)
    return found[0]


def buy(page: Page, open_shop: OpenShop, shopper: Shopper) -> Order:
    """Go from the home page to the thank-you page; two units of the first good of a category."""
    page.goto(f"{open_shop.url}/{shopper.shop}/")
    expect(page.locator("html")).to_have_attribute("dir", shopper.direction)
    by(page, "category").first.click()
    by(page, "card").first.click()
    by(page, "quantity").select_option("2")
    by(page, "add-to-cart").click()
    by(page, "go-to-cart").click()
    shown = by(page, "cart-total").inner_text()
    by(page, "checkout").first.click()

    by(page, "email").fill(shopper.email)
    for field, value in shopper.address.items():
        control = by(page, field)
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    by(page, "to-delivery").click()
    by(page, "to-payment").click()
    by(page, "method-card").check()
    assert by(page, "total").first.inner_text() != "" != shown
    by(page, "place-order").click()

    page.wait_for_url(f"{open_shop.sandbox.url}/**")
    if shopper.secure:
        by(page, "three-d-secure").click()
        by(page, "pass").click()
    else:
        by(page, "pay").click()
    page.wait_for_url(f"{open_shop.url}/{shopper.shop}/checkout/return/**")
    number = by(page, "order-number").inner_text()
    return Order.objects.get(number__in=re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", number))


def log_in(page: Page, open_shop: OpenShop, email: str) -> None:
    page.goto(f"{open_shop.url}/staff/")
    page.fill('input[name="username"]', email)
    page.fill('input[name="password"]', settings.DEMO_PASSWORD)
    by(page, "staff-login-submit").click()


def dispatch(page: Page, open_shop: OpenShop, order: Order) -> None:
    wait_for(lambda: Shipment.objects.filter(order=order).exists())
    for shipment in Shipment.objects.filter(order=order):
        page.goto(f"{open_shop.url}/staff/shipments/{shipment.number}/")
        by(page, "start-picking").click()
        by(page, "pack").click()
        by(page, "tracking-number").fill(f"PL{shipment.pk:08d}")
        by(page, "dispatch").click()
        by(page, "mark-delivered").click()


def send_back_one(page: Page, open_shop: OpenShop, shopper: Shopper, order: Order) -> Return:
    page.goto(f"{open_shop.url}/{shopper.shop}/orders/{order.token}/")
    by(page, "return-request").click()
    by(page, "return-quantity").first.select_option("1")
    by(page, "return-submit").click()
    expect(by(page, "return-number")).to_be_visible()
    return Return.objects.get(order=order)


def take_back(page: Page, open_shop: OpenShop, goods_return: Return) -> None:
    line = goods_return.lines.get()
    page.goto(f"{open_shop.url}/staff/returns/{goods_return.number}/")
    by(page, "approve-return").click()
    by(page, "receive-warehouse").select_option("rtm")
    by(page, "receive-return").click()
    by(page, f"grade-{line.pk}-a").check(force=True)
    by(page, "inspect-return").click()
    by(page, "refund-return").click()
    expect(by(page, "refund-state")).to_be_visible()


@pytest.mark.parametrize("country", SHOPPERS)
def test_purchase_goes_from_home_page_to_refund(
    open_shop: OpenShop, new_page: NewPage, country: str
) -> None:
    shopper = SHOPPERS[country]
    page = new_page(locale=shopper.locale)
    staff = new_page()

    order = buy(page, open_shop, shopper)
    payment = Payment.objects.get(order=order)
    wait_for(lambda: Shipment.objects.filter(order=order).exists())
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("released", "authorised")
    assert order.language == shopper.shop.split("-", 1)[1]
    assert order.net + order.tax == order.gross == payment.amount.amount
    parts = [line.gross for line in order.lines.all()]
    parts += [charge.gross for charge in order.charges.all()]
    assert sum(parts) == order.gross
    confirmation = letter_to(shopper, shopper.thanks)
    assert confirmation.language.startswith(order.language.split("-")[0])

    log_in(staff, open_shop, "merchant@entrepot.example")
    dispatch(staff, open_shop, order)
    wait_for(lambda: Order.objects.get(pk=order.pk).status == "completed")
    payment.refresh_from_db()
    charges = open_shop.sandbox.charges(payment_intent=payment.gateway_payment)
    charge = charges[-1]
    assert from_gateway(charge["amount_captured"], order.currency) == order.gross
    assert payment.captured == order.gross
    assert [c["paid"] for c in charges].count(True) == 1
    letter_to(shopper, shopper.shipped)

    goods_return = send_back_one(page, open_shop, shopper, order)
    take_back(staff, open_shop, goods_return)
    wait_for(lambda: Refund.objects.filter(payment=payment, status="succeeded").exists())
    refund = Refund.objects.get(payment=payment)
    line = order.lines.get()
    duties = sum(row.duties for row in goods_return.lines.all())
    assert refund.amount.amount == line.gross / 2 + duties
    at_gateway = open_shop.sandbox.refunds()
    assert from_gateway(
        sum(r["amount"] for r in at_gateway if r["charge"] == charge["id"]), order.currency
    ) == refund.amount.amount  # fmt: skip
    order.refresh_from_db()
    assert order.payment_status == "part_refunded"
    assert StockMovement.objects.filter(
        kind="return", variant=line.variant, warehouse__code="rtm", quantity=1
    ).exists()
    assert Decimal(0) < refund.amount.amount < order.gross


def test_voucher_is_paid_at_the_shop_later(open_shop: OpenShop, new_page: NewPage) -> None:
    shopper = SHOPPERS["jp"]
    page = new_page(locale=shopper.locale)
    page.goto(f"{open_shop.url}/{shopper.shop}/")
    by(page, "category").nth(1).click()
    by(page, "card").first.click()
    by(page, "add-to-cart").click()
    by(page, "go-to-cart").click()
    by(page, "checkout").first.click()
    by(page, "email").fill(shopper.email)
    for field, value in shopper.address.items():
        control = by(page, field)
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    by(page, "to-delivery").click()
    by(page, "to-payment").click()
    by(page, "method-konbini").check()
    by(page, "place-order").click()
    page.wait_for_url(f"{open_shop.sandbox.url}/**")
    by(page, "voucher").click()
    page.wait_for_url(f"{open_shop.url}/{shopper.shop}/checkout/return/**")
    expect(by(page, "instructions")).to_be_visible()
    payment = Payment.objects.select_related("order").latest("pk")
    wait_for(lambda: Order.objects.get(pk=payment.order_id).payment_status == "pending")
    assert not Shipment.objects.filter(order=payment.order_id).exists()

    payment.refresh_from_db()
    voucher = new_page(locale=shopper.locale)
    voucher.goto(f"{open_shop.sandbox.url}/vouchers/{payment.gateway_payment}")
    by(voucher, "pay").click()

    wait_for(lambda: Shipment.objects.filter(order=payment.order_id).exists())
    assert Order.objects.get(pk=payment.order_id).payment_status == "paid"
