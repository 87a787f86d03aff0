"""Buyers with a browser's manners and cookies of their own, who go to a web server by HTTP."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import requests

from catalog.models import Variant
from fulfillment.models import Warehouse
from markets.models import Market
from payments.models import PaymentMethod
from tests import factories

SHOP = "/de-en"
ORDERED, REFUSED = "ordered", "refused"
ADDRESS = {
    "email": "ada@example.com",
    "country": "DE",
    "name": "Ada Lindgren",
    "street_address": "Hafenstraße 1",
    "postal_code": "20457",
    "city": "Hamburg",
}
# Whoever is sent back a step, because the last unit went between two looks, tries again.
MOST_TRIES = 6
_AGREED = re.compile(r'name="agreed" value="([^"]+)"')


@dataclass(frozen=True)
class Hall:
    """A market that is paid by transfer, and the warehouses that serve it."""

    market: Market
    warehouses: tuple[Warehouse, ...]


def make_hall(*, costs: Sequence[str] = ("4.00", "6.00", "5.00")) -> Hall:
    market = factories.make_market("de", languages={"de": "de_DE", "en": "en_IE"})
    factories.make_delivery_option(market)
    factories.make_method(market, "transfer", gateway=PaymentMethod.Gateway.BANK_TRANSFER)
    service = factories.make_service()
    warehouses = tuple(factories.make_warehouse(f"w{number}") for number in range(len(costs)))
    for warehouse, cost in zip(warehouses, costs, strict=True):
        factories.make_zone(service, warehouse, ["DE"], base_cost=cost)
    return Hall(market, warehouses)


def put_on_sale(hall: Hall, *units: int) -> Variant:
    """Make a variant with so many units in each of the hall's warehouses."""
    variant = factories.make_variant()
    factories.make_price(variant, hall.market)
    for warehouse, quantity in zip(hall.warehouses, units, strict=True):
        if quantity:
            factories.make_stock(variant, warehouse, quantity)
    return variant


class Buyer:
    """One person with a cart. `buy` gives ORDERED or REFUSED, or says what else came."""

    def __init__(self, url: str, cart: Mapping[int, int]) -> None:
        """Wish for a cart's variants by id, with how many of each."""
        self.asked_at = self.told_at = 0.0
        self._url = url
        self._cart = cart
        self._session = requests.Session()
        self._session.headers["Sec-Fetch-Site"] = "same-origin"
        self._agreed = ""

    def buy(self) -> str:
        """Go the whole way, or the rest of it after `prepare`."""
        try:
            word = "" if self._agreed else self.prepare()
            return word or self._place()
        finally:
            self.told_at = time.monotonic()
            self._session.close()

    def prepare(self) -> str:
        """Fill the cart and go as far as the payment page; give a word if that is the end."""
        self._agreed = ""
        for variant_id, quantity in self._cart.items():
            self._post("/cart/add/", variant=str(variant_id), quantity=str(quantity))
        if self._is_cart(self._get("/checkout/")):
            return REFUSED
        if self._is_cart(self._post("/checkout/", **ADDRESS)):
            return REFUSED
        return self._choose()

    def _choose(self) -> str:
        """Choose the delivery and read the total; give a word if that is the end."""
        for _ in range(MOST_TRIES):
            answer = self._post("/checkout/delivery/", delivery="standard")
            page = self._get("/checkout/payment/") if answer.is_redirect else answer
            if self._is_cart(answer) or self._is_cart(page):
                return REFUSED
            if found := _AGREED.search(page.text):
                self._agreed = found[1]
                return ""
        return f"never came to pay: {page.status_code} {page.headers.get('Location', '')}"

    def _place(self) -> str:
        for _ in range(MOST_TRIES):
            self.asked_at = time.monotonic()
            answer = self._post("/checkout/payment/", method="transfer", agreed=self._agreed)
            if self._is_cart(answer):
                return REFUSED
            if "/checkout/return/" in answer.headers.get("Location", ""):
                return ORDERED
            if word := self._choose():
                return word
        return f"never ordered: {answer.status_code} {answer.headers.get('Location', '')}"

    def _is_cart(self, answer: requests.Response) -> bool:
        return urlsplit(answer.headers.get("Location", "")).path == f"{SHOP}/cart/"

    def _get(self, path: str) -> requests.Response:
        return self._check(
            self._session.get(f"{self._url}{SHOP}{path}", allow_redirects=False, timeout=120)
        )

    def _post(self, path: str, **data: str) -> requests.Response:
        data["csrfmiddlewaretoken"] = self._session.cookies.get("csrftoken") or ""
        return self._check(
            self._session.post(f"{self._url}{SHOP}{path}", data, allow_redirects=False, timeout=120)
        )

    def _check(self, answer: requests.Response) -> requests.Response:
        if answer.status_code >= 400:
            raise BadAnswer(f"{answer.status_code} to {answer.request.method} {answer.url}")
        return answer


class BadAnswer(Exception):
    """The shop answered with an error: no buyer may see one."""


@dataclass
class Rush:
    """Buyers of one unit each of the same goods, and what became of them."""

    buyers: Sequence[Buyer]
    go: Callable[[Buyer], str] = Buyer.buy
    _ordered: list[Buyer] = field(default_factory=list)
    _refused: list[Buyer] = field(default_factory=list)

    def jobs(self) -> list[Callable[[], str]]:
        return [partial(self._buy, buyer) for buyer in self.buyers]

    def _buy(self, buyer: Buyer) -> str:
        word = self.go(buyer)
        # Appending is atomic; the order does not matter.
        if word == ORDERED:
            self._ordered.append(buyer)
        elif word == REFUSED:
            self._refused.append(buyer)
        return word

    def false_refusals(self, units: int) -> list[float]:
        """Give the moments of refusals before so many sales had even been asked for."""
        asked = sorted(buyer.asked_at for buyer in self._ordered)
        last_needed = asked[units - 1] if len(asked) >= units else float("inf")
        return [buyer.told_at for buyer in self._refused if buyer.told_at < last_needed]
