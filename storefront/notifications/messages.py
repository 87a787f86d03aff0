"""What the shop writes to shoppers: one function per message, in the language that is active."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.models import Return, Shipment, Warehouse
from fulfillment.promises import promise_of
from markets.money import format_money
from orders.addresses import format_address
from orders.models import Order, OrderEvent
from payments.models import Refund
from storefront.landed_words import adjustment_words, promise_words
from storefront.order_sums import sum_order
from storefront.shops import Shop


@dataclass(frozen=True)
class Row:
    """A line of a table: what, and how much as text."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True)
class Message:
    kind: str
    subject: str
    heading: str
    paragraphs: Sequence[str]
    rows: Sequence[Row] = ()
    address: Sequence[str] = ()
    address_title: str = ""
    link: str = ""
    link_text: str = ""


def compose(event: OrderEvent, shop: Shop) -> Message | None:
    """Write the message that an event calls for; None if it calls for none.

    The shop must be active (`use_shop`): its language and addresses are used.
    """
    write = _WRITERS.get(event.kind)
    return write(event, shop) if write else None


def _confirmed(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    return Message(
        kind="order_confirmed",
        subject=_("Your order %(number)s") % {"number": order.number},
        heading=_("Thank you for your order"),
        paragraphs=[
            _("We have your order %(number)s and are getting it ready.") % {"number": order.number},
            *_promise(order, shop, now=event.occurred_at),
            *_terms(order),
        ],
        rows=_order_rows(order, shop),
        address=format_address(order.shipping_address, locale=shop.locale),
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("See your order"),
    )


def _pending(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    return Message(
        kind="payment_pending",
        subject=_("How to pay for your order %(number)s") % {"number": order.number},
        heading=_("Your order is waiting for your payment"),
        paragraphs=[
            _("We are keeping the goods for you. As soon as your payment is here, we send them."),
            _("Amount: %(amount)s. Reference: %(number)s.")
            % {"amount": _money(order.gross, order, shop), "number": order.number},
        ],
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("See how to pay"),
    )


def _cancelled(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    return Message(
        kind="order_cancelled",
        subject=_("Your order %(number)s was cancelled") % {"number": order.number},
        heading=_("Your order was cancelled"),
        paragraphs=[
            _("We have cancelled your order %(number)s. You do not have to do anything.")
            % {"number": order.number},
            _("If you have paid already, you will get the whole amount back."),
        ],
        link=shop.absolute_url("shop:home"),
        link_text=_("Go to the shop"),
    )


def _dispatched(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    shipment = Shipment.objects.select_related("service__carrier").get(pk=event.data["shipment"])
    lines = shipment.lines.select_related("order_line")
    promise = promise_of(shipment, now=event.occurred_at)
    paragraphs = [
        _("Your parcel is with %(carrier)s and will arrive between %(first)s and %(last)s.")
        % {
            "carrier": shipment.service.carrier.name,
            "first": _day(promise.arrives_from, shop),
            "last": _day(promise.arrives_to, shop),
        }
    ]
    if shipment.tracking_number:
        paragraphs.append(_("Tracking number: %(number)s") % {"number": shipment.tracking_number})
    return Message(
        kind="shipment_dispatched",
        subject=_("Your order %(number)s is on its way") % {"number": order.number},
        heading=_("Your parcel is on its way"),
        paragraphs=paragraphs,
        rows=[Row(f"{line.quantity} × {line.order_line.title}", "") for line in lines],
        address=format_address(order.shipping_address, locale=shop.locale),
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("Follow your order"),
    )


def _delayed(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    shipment = Shipment.objects.select_related("service__carrier").get(pk=event.data["shipment"])
    lines = shipment.lines.select_related("order_line")
    return Message(
        kind="shipment_delayed",
        subject=_("A parcel of your order %(number)s is late") % {"number": order.number},
        heading=_("Your parcel is late"),
        paragraphs=[
            _("%(carrier)s tells us that your parcel is late. It is now expected on %(day)s.")
            % {
                "carrier": shipment.service.carrier.name,
                "day": _day(date.fromisoformat(event.data["expected_on"]), shop),
            },
            _("You do not have to do anything. We are sorry that you have to wait."),
        ],
        rows=[Row(f"{line.quantity} × {line.order_line.title}", "") for line in lines],
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("Follow your order"),
    )


def _return_requested(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    goods_return = Return.objects.get(pk=event.data["return"])
    lines = goods_return.lines.select_related("order_line")
    return Message(
        kind="return_requested",
        subject=_("Your return %(number)s") % {"number": goods_return.number},
        heading=_("We have your return request"),
        paragraphs=[
            _("Pack the goods well and write the number %(number)s on the parcel.")
            % {"number": goods_return.number},
            _("As soon as the goods are here and checked, we pay you back the way you paid."),
        ],
        address_title=_("Send it to"),
        address=_return_address(order),
        rows=[Row(f"{line.quantity} × {line.order_line.title}", "") for line in lines],
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("See your order"),
    )


def _refunded(event: OrderEvent, shop: Shop) -> Message:
    order = event.order
    refund = Refund.objects.get(pk=event.data["refund"])
    amount = _money(refund.amount.amount, order, shop)
    return Message(
        kind="refund_succeeded",
        subject=_("Your refund for order %(number)s") % {"number": order.number},
        heading=_("We have paid you back"),
        paragraphs=[
            _("We have sent %(amount)s back to the means of payment that you used.")
            % {"amount": amount},
            _("Your bank may need a few days to show it."),
        ],
        link=shop.absolute_url("shop:order", order.token),
        link_text=_("See your order"),
    )


_WRITERS: dict[str, Callable[[OrderEvent, Shop], Message]] = {
    "payment_authorised": _confirmed,
    "payment_captured": _confirmed,
    "payment_pending": _pending,
    "order_cancelled": _cancelled,
    "shipment_dispatched": _dispatched,
    "shipment_delayed": _delayed,
    "return_requested": _return_requested,
    "refund_succeeded": _refunded,
}
KINDS = tuple(_WRITERS)


def _order_rows(order: Order, shop: Shop) -> list[Row]:
    lines = list(order.lines.all())
    sums = sum_order(order, lines=lines, charges=order.charges.all())
    rows = [
        Row(
            f"{line.quantity} × {line.title}" + (f" ({line.options})" if line.options else ""),
            _money(line.unit_price * line.quantity, order, shop),
        )
        for line in lines
    ]
    rows += [Row(label, _money(amount, order, shop)) for label, amount in sums.charges]
    rows += [Row(row.label, _money(-row.amount, order, shop)) for row in sums.discounts]
    if sums.adjustment:
        regimes = {str(parcel["regime"]) for parcel in order.tax_parcels}
        rows.append(Row(adjustment_words(regimes), _money(sums.adjustment, order, shop)))
    tax = _money(order.tax, order, shop)
    if order.prices_include_tax:
        rows.append(Row(_("Total"), _money(order.gross, order, shop), strong=True))
        rows.append(Row(_("Tax included"), tax))
    else:
        rows.append(Row(_("Tax"), tax))
        rows.append(Row(_("Total"), _money(order.gross, order, shop), strong=True))
    return rows


def _terms(order: Order) -> list[str]:
    """Say once more who pays at the border, as checkout did."""
    words = promise_words(
        order.terms,
        {note["code"] for note in order.tax_notes},
        is_estimated=bool(order.due_on_delivery),
    )
    return [words] if words else []


def _return_address(order: Order) -> list[str]:
    """The hub that the goods came from, or any: each can take every return."""
    came_from = order.shipments.values_list("warehouse", flat=True)
    hubs = Warehouse.objects.filter(receives_returns=True, is_active=True)
    hub = hubs.filter(pk__in=came_from).first() or hubs.first()
    return [f"Entrepot {hub.name}", *hub.address.splitlines()] if hub else []


def _promise(order: Order, shop: Shop, *, now: datetime) -> list[str]:
    promise = promise_of(order, now=now)
    if promise is None:
        return []
    parcels = order.shipments.count() or 1
    return [
        ngettext(
            "It will arrive between %(first)s and %(last)s.",
            "It will arrive in %(parcels)s parcels between %(first)s and %(last)s.",
            parcels,
        )
        % {
            "parcels": parcels,
            "first": _day(promise.arrives_from, shop),
            "last": _day(promise.arrives_to, shop),
        }
    ]


def _money(amount: Decimal, order: Order, shop: Shop) -> str:
    return format_money(amount, order.currency, shop.locale)


def _day(day: date, shop: Shop) -> str:
    skeleton: Any = "full"
    return format_date(day, format=skeleton, locale=shop.locale)
