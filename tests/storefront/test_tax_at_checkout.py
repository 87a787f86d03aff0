"""Tax, duty and terms at checkout: parcels, businesses, borders, and what comes back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Variant
from catalog.reference import forget
from fulfillment.models import ReturnLine, Shipment, ShipmentLine, Warehouse
from fulfillment.returns import inspect_return, receive_return, request_return
from fulfillment.returns.refunding import refund_due
from markets.landed_cost.loading import load_law
from markets.models import (
    ExchangeRate,
    ImportFee,
    ImportRule,
    IncotermRule,
    LegalEntity,
    Market,
    MarketCountry,
    TaxIdCheck,
    TaxPlaceRule,
    TaxRate,
    TaxRegistration,
)
from orders.carrier_charges import compare_costs, record_carrier_charges
from orders.invoices import issue_invoice
from orders.models import Address, CarrierCharge, Cart, Order
from payments.models import Payment
from storefront.documents.document import read_document
from storefront.pages.costs import show_costs
from storefront.quoting import CartQuote, quote_cart
from tests.factories import (
    LONG_AGO,
    NOW,
    make_cart,
    make_delivery_option,
    make_market,
    make_method,
    make_price,
    make_product,
    make_service,
    make_stock,
    make_tax_rate,
    make_variant,
    make_warehouse,
    make_zone,
)
from tests.storefront.test_landed_cost import buy, check

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def open_france(*, ship_from: str, **fields: object) -> Market:
    """Open a market for France that is sold to from one country, with VAT of 20 %."""
    market = make_market(
        "fr", countries=["FR"], languages={"en": "en_IE"}, time_zone="Europe/Paris", **fields
    )
    TaxRate.objects.update(percent=D(20), name="TVA")
    make_delivery_option(market, price="5")
    make_method(market, "wire", gateway="bank_transfer", gateway_type="")
    warehouse = make_warehouse("hub", country=ship_from)
    make_zone(make_service(), warehouse, ["FR"])
    for country in ("FR", "NL", "DE"):
        TaxPlaceRule.objects.create(country=country, area="EU", valid_from=LONG_AGO.date())
    load_law()
    return market


def register(market: Market, country: str, scheme: str) -> None:
    entity, _new = LegalEntity.objects.get_or_create(
        name="Shop B.V.",
        defaults={"address": "Kade 1", "country": "NL", "invoice_prefix": "S"},
    )
    TaxRegistration.objects.create(
        legal_entity=entity, country=country, scheme=scheme, number="1",
        valid_from=LONG_AGO.date(),
    )  # fmt: skip
    Market.objects.filter(pk=market.pk).update(legal_entity=entity)


def basket(market: Market, *lines: tuple[str, str, int]) -> Cart:
    """Fill a cart with goods of an HS code at a price."""
    wanted = {}
    for hs_code, amount, quantity in lines:
        variant = make_variant(make_product(), hs_code=hs_code, origin_country="CN")
        make_price(variant, market, amount)
        make_stock(variant, Warehouse.objects.get(), 50)
        wanted[variant] = quantity
    return Cart.objects.select_related("market").get(pk=make_cart(market, wanted).pk)


def to_france() -> Address:
    return Address.objects.create(country="FR", name="Ada", street_address="1 Quai", city="Paris")


def quote_to_france(cart: Cart, **place: str) -> CartQuote:
    return quote_cart(cart, now=NOW, country="FR", **place)


def test_two_shirts_and_a_shoe_owe_two_headings_and_the_tax_on_them() -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    register(market, "NL", "ioss")
    cart = basket(market, ("620520", "20", 2), ("640399", "20", 1))

    quote = quote_to_france(cart)
    order = buy(cart, quote, to_france())

    # Goods 60, delivery 5, two headings of 3: 71, and 20 % on it. France asks 2 a heading beside.
    duty = [row for row in quote.extras if row.kind == "duty"]
    fees = sum((row.amount for row in quote.extras if row.kind == "import_fee"), D(0))
    assert [row.amount for row in duty] == [D(6)]
    assert order.tax == D("14.20")
    assert order.gross == D("85.20") + fees
    assert order.tax_parcels[0]["regime"] == "ioss"
    assert {row.hs_code for row in order.tax_components.filter(kind="duty")} == {"620520", "640399"}
    check(order, quote)


def test_limit_in_a_currency_without_a_rate_delivers_nothing_and_breaks_no_page() -> None:
    market = open_france(ship_from="GB", currency="USD", prices_include_tax=False)
    register(market, "NL", "ioss")
    cart = basket(market, ("620520", "20", 1))

    quote = quote_to_france(cart)  # Whether it is worth 150 euro or less is not known.

    assert (quote.deliveries, quote.delivery, quote.tax) == ((), None, None)


@pytest.mark.parametrize(
    ("duty", "fee", "amount"),
    [(False, False, "24.00"), (True, False, "27.60"), (True, True, "29.60")],
)
def test_shoe_comes_back_with_its_tax_and_with_duty_and_fee_where_the_policy_says_so(
    duty: bool, fee: bool, amount: str
) -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    register(market, "NL", "ioss")
    ImportRule.objects.filter(destination="EU").update(is_refundable=duty)
    ImportFee.objects.filter(destination="FR").update(is_refundable=fee)
    cart = basket(market, ("620520", "20", 2), ("640399", "20", 1))
    order = buy(cart, quote_to_france(cart), to_france())
    order = deliver(order)
    shoe = order.lines.order_by("id")[1]

    goods_return = request_return(order, [(shoe.pk, 1, "too_small")], now=NOW)
    line = goods_return.lines.get()
    hub = order.shipments.get().warehouse
    receive_return(goods_return.pk, warehouse=hub, received={line.pk: 1}, now=NOW)
    goods_return = inspect_return(goods_return.pk, grades={line.pk: "a"}, now=NOW)

    due = refund_due(goods_return)
    assert due is not None
    assert due[1].amount == D(amount)
    line = ReturnLine.objects.get()
    assert (line.amount, line.duties) == (D(24), D(amount) - 24)


def deliver(order: Order) -> Order:
    """Pay an order and send it all."""
    payment = Payment.objects.get(order=order)
    Payment.objects.filter(pk=payment.pk).update(
        status=Payment.Status.CAPTURED, captured=order.gross
    )
    hub = order.lines.order_by("id")[0].variant.stock.get().warehouse
    shipment = Shipment.objects.create(
        order=order, number=f"{order.number}-1", warehouse=hub,
        service=hub.zones.get().service, status=Shipment.Status.DISPATCHED,
        ship_by=NOW, promised_from=NOW.date(), promised_to=NOW.date(),
        dispatched_at=NOW,
    )  # fmt: skip
    for line in order.lines.all():
        ShipmentLine.objects.create(shipment=shipment, order_line=line, quantity=line.quantity)
    return Order.objects.get(pk=order.pk)


def test_business_with_a_valid_number_pays_no_tax_and_the_order_keeps_the_evidence() -> None:
    market = open_france(ship_from="NL")
    for scheme in ("domestic", "union_oss"):
        register(market, "NL", scheme)
    cart = basket(market, ("620520", "60", 1))
    check_row = TaxIdCheck.objects.create(
        number="FR83404833048", country="FR", kind="eu_vat", outcome="valid", name="Ada SA",
        checked_at=NOW, source="vies",
    )  # fmt: skip
    Cart.objects.filter(pk=cart.pk).update(tax_id=check_row.number, company="Ada SA")
    cart = Cart.objects.select_related("market").get(pk=cart.pk)

    quote = quote_to_france(cart)
    order = buy(cart, quote, to_france())

    assert (quote.goods, quote.shipping) == (D(60), D(5))
    assert order.tax == 0
    assert order.gross == quote.total
    assert [parcel["regime"] for parcel in order.tax_parcels] == ["reverse_charge"]
    assert (order.buyer_tax_id, order.buyer_company) == ("FR83404833048", "Ada SA")
    assert order.tax_id_check == check_row
    assert "reverse_charge" in [note["code"] for note in order.tax_notes]
    check(order, quote)


def test_number_that_was_not_confirmed_is_charged() -> None:
    market = open_france(ship_from="NL")
    register(market, "NL", "union_oss")
    cart = basket(market, ("620520", "60", 1))
    Cart.objects.filter(pk=cart.pk).update(tax_id="FR83404833048", company="Ada SA")
    cart = Cart.objects.select_related("market").get(pk=cart.pk)

    order = buy(cart, quote_to_france(cart), to_france())

    assert order.tax == D("10.83")
    assert order.tax_id_check is None


def duty_paid_on_delivery(market: Market) -> None:
    register(market, "NL", "domestic")
    IncotermRule.objects.filter(market=market).update(terms="dap", clearance_fee=D(13))


def test_what_is_due_on_delivery_is_told_and_in_no_total(client: Client) -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    duty_paid_on_delivery(market)
    cart = basket(market, ("620520", "60", 1))

    quote = quote_to_france(cart)
    assert quote.terms == "dap"
    assert quote.total == D(65) == quote.goods + D(5)
    assert sum(part.gross for part in quote.due_on_delivery) > 13

    address = to_france()
    Cart.objects.filter(pk=cart.pk).update(
        shipping_address=address, email="ada@example.com", delivery_option="standard"
    )
    client.cookies["cart"] = cart.token
    page = client.get("/fr-en/checkout/payment/").content.decode()
    assert 'data-test="dap"' in page
    assert 'data-test="ddp"' not in page
    cart.refresh_from_db()
    order = buy(cart, quote, address)
    assert order.gross == D(65)
    assert sum(D(part["gross"]) for part in order.due_on_delivery) == sum(
        part.gross for part in quote.due_on_delivery
    )
    page = client.get(f"/fr-en/orders/{order.token}/").content.decode()
    assert 'data-test="dap"' in page
    assert "estimate" in page


def test_carriers_invoice_stands_beside_the_estimate_and_changes_nothing() -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    duty_paid_on_delivery(market)
    cart = basket(market, ("620520", "60", 1))
    order = buy(cart, quote_to_france(cart), to_france())
    fee = CarrierCharge.Kind.FEE
    before = {row.kind: row for row in compare_costs(order)}
    assert before[fee].charged is None

    for _again in range(2):
        record_carrier_charges(order.pk, [(fee, D("20.00"))], reference="C-1", now=NOW)

    after = {row.kind: row for row in compare_costs(order)}
    assert after[fee].charged == D(20)
    assert after[fee].difference == D(20) - before[fee].estimated
    assert CarrierCharge.objects.count() == 1
    assert Order.objects.get(pk=order.pk).gross == order.gross


def test_line_in_two_parcels_keeps_both_parts_and_loses_no_cent() -> None:
    market = open_france(ship_from="NL")
    far = make_warehouse("far", country="GB")
    make_zone(make_service("slow", option="standard"), far, ["FR"])
    variant = make_variant(make_product(), hs_code="620520", origin_country="CN")
    make_price(variant, market, "9.99")
    make_stock(variant, Warehouse.objects.get(code="hub"), 2)
    make_stock(variant, far, 1)
    cart = Cart.objects.select_related("market").get(pk=make_cart(market, {variant: 3}).pk)

    quote = quote_to_france(cart)
    order = buy(cart, quote, to_france())

    goods = order.tax_components.filter(kind="goods").order_by("parcel")
    assert sorted((row.ship_from, row.quantity) for row in goods) == [("GB", 1), ("NL", 2)]
    check(order, quote)


def test_console_notes_a_carriers_invoice(admin_client: Client) -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    duty_paid_on_delivery(market)
    cart = basket(market, ("620520", "60", 1))
    order = buy(cart, quote_to_france(cart), to_france())
    page = reverse("staff:order", args=[order.number])
    assert 'data-test="carrier-charges"' in admin_client.get(page).content.decode()

    url = reverse("staff:carrier-charges", args=[order.number])
    admin_client.post(url, {"back": page, "reference": "C-1", "fee": "20,50"})
    admin_client.post(url, {"back": page, "reference": "", "fee": "1"})

    (row,) = CarrierCharge.objects.all()
    assert (row.kind, row.amount, row.reference) == ("fee", D("20.500"), "C-1")
    assert "C-1" in admin_client.get(page).content.decode()


@pytest.mark.parametrize(
    ("policy", "days_away", "duties"),
    [
        ({"duty_refund": "never"}, 3, "0"),
        ({"duty_refund": "always"}, 300, "3.60"),
        ({"duty_refund": "within", "duty_refund_days": 30}, 30, "3.60"),
        ({"duty_refund": "within", "duty_refund_days": 30}, 31, "0"),
    ],
)
def test_duty_comes_back_with_the_shoe_as_the_lane_says(
    policy: dict[str, Any], days_away: int, duties: str
) -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    register(market, "NL", "ioss")
    IncotermRule.objects.filter(market=market).update(**policy)
    # What the law's own row says is the other way round: the lane's policy stands before it.
    ImportRule.objects.filter(destination="EU").update(
        is_refundable=policy["duty_refund"] == "never"
    )
    ImportFee.objects.filter(destination="FR").update(is_refundable=False)
    cart = basket(market, ("620520", "20", 2), ("640399", "20", 1))
    order = deliver(buy(cart, quote_to_france(cart), to_france()))
    IncotermRule.objects.all().delete()  # What was agreed stays.
    shoe = order.lines.order_by("id")[1]

    goods_return = request_return(order, [(shoe.pk, 1, "too_small")], now=NOW)
    line = goods_return.lines.get()
    hub = order.shipments.get().warehouse
    back = NOW + timedelta(days=days_away)
    receive_return(goods_return.pk, warehouse=hub, received={line.pk: 1}, now=back)
    # A slow inspection is not the shopper's fault.
    inspect_return(goods_return.pk, grades={line.pk: "a"}, now=back + timedelta(days=9))

    assert ReturnLine.objects.get().duties == D(duties)


def test_shopper_reads_duties_in_words_and_staff_the_names_of_rows(admin_client: Client) -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    register(market, "NL", "ioss")
    cart = basket(market, ("620520", "20", 2))

    quote = quote_to_france(cart)
    order = buy(cart, quote, to_france())

    words = ["Customs duty for each type of goods", "Customs handling fee"]
    assert [row.label for row in quote.extras] == words
    assert [charge.label for charge in order.charges.exclude(kind="shipping")] == words
    assert set(order.tax_components.filter(kind="duty").values_list("label", flat=True)) == {
        "EU duty on low-value imports"
    }
    page = admin_client.get(reverse("staff:order", args=[order.number])).content.decode()
    assert "EU duty on low-value imports" in page
    assert "All duties and taxes included." in page  # The note, for staff too.


def test_converted_duty_keeps_the_rate_that_it_was_converted_by() -> None:
    market = open_france(ship_from="GB", currency="USD", prices_include_tax=False)
    register(market, "NL", "ioss")
    rate = ExchangeRate.objects.create(
        provider="ecb", base="EUR", quote="USD", rate=D("1.25"), as_of=NOW.date(), fetched_at=NOW
    )
    cart = basket(market, ("620520", "20", 1))

    order = buy(cart, quote_to_france(cart), to_france())

    duty = order.tax_components.get(kind="duty")
    assert (duty.net, duty.exchange_rate_id) == (D("3.75"), rate.pk)
    assert order.tax_components.get(kind="goods").exchange_rate is None


def test_goods_of_unknown_duty_are_told_of_or_not_sold() -> None:
    market = open_france(ship_from="GB", prices_include_tax=False)
    register(market, "NL", "domestic")
    cart = basket(market, ("620520", "200", 1))  # Above 150 euro the tariff holds: no row of it.

    quote = quote_to_france(cart)
    costs = show_costs(quote)
    assert (quote.terms, quote.total) == ("dap", D(205))
    assert "not known" in costs.promise
    assert [label for label, _amount in costs.due] == ["Import tax (VAT)"]

    lanes = IncotermRule.objects.filter(market=market)
    lanes.update(unknown_duty="bear")
    forget()
    quote = quote_to_france(cart)
    assert (quote.terms, quote.total) == ("ddp", D(246))
    order = buy(cart, quote, to_france())
    assert "seller_bears" in [note["code"] for note in order.tax_notes]

    lanes.update(unknown_duty="refuse")
    forget()
    cart = basket_again(market)
    quote = quote_to_france(cart)
    assert (quote.deliveries, quote.tax) == ((), None)


def basket_again(market: Market) -> Cart:
    variant = Variant.objects.get()
    return Cart.objects.select_related("market").get(pk=make_cart(market, {variant: 1}).pk)


def test_where_the_net_is_fixed_page_checkout_order_and_invoice_say_the_same(
    client: Client,
) -> None:
    market = open_france(ship_from="DE", tax_mode="net_fixed")
    for country, percent in (("HU", "27"), ("DE", "19")):
        make_tax_rate(country, percent, name="VAT")
        TaxPlaceRule.objects.get_or_create(
            country=country, defaults={"area": "EU", "valid_from": LONG_AGO.date()}
        )
    MarketCountry.objects.create(market=market, country="HU", position=1)
    make_zone(Warehouse.objects.get().zones.get().service, Warehouse.objects.get(), ["HU"])
    register(market, "DE", "union_oss")
    register(market, "DE", "domestic")
    cart = basket(market, ("620520", "120", 1))

    page = client.get(f"/fr-en/p/{Variant.objects.get().product.slug}/").content.decode()
    assert "120.00" in page
    home = quote_to_france(cart)
    assert (home.total, home.tax.tax if home.tax else None) == (D(125), D("20.83"))
    quote = quote_cart(cart, now=NOW, country="HU")
    # 120 less 20 % and plus 27 % are 127; 5 are 5.29.
    assert (quote.goods, quote.shipping, quote.total) == (D(120), D(5), D("132.29"))
    assert quote.adjustment == D("7.29")
    address = Address.objects.create(
        country="HU", name="Ada", street_address="1 Tér", city="Buda", postal_code="1011"
    )
    order = buy(cart, quote, address)
    check(order, quote)
    assert order.tax == D("28.12")
    shown = client.get(f"/fr-en/orders/{order.token}/").content.decode()
    assert "132.29" in shown
    assert "7.00" in shown  # Delivery stands there with the tax that it bore.

    invoice = issue_invoice(order.pk, supplied_on=NOW.date(), now=NOW)
    assert (invoice.gross, invoice.tax) == (D("132.29"), D("28.12"))
    document = read_document(invoice)
    assert len(document.rows) == 2
