"""All that the page of one shipment shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from catalog.selectors import variant_label
from fulfillment.models import (
    Shipment,
    ShipmentLine,
    Warehouse,
)
from orders.addresses import format_address
from orders.models import Address, Order
from payments.models import Payment, PaymentMethod
from storefront.routing_words import RoutingWords, place_names, routing_words
from storefront.staff.access import Rights
from storefront.staff.labelling import LabelWords, label_words
from storefront.staff.picking import units_picked
from storefront.staff.pictures import picture_url
from storefront.staff.queue import GONE
from storefront.wording import (
    country_text,
    day_text,
    language_of_country,
    moment_text,
    money_text,
    weight_text,
    zone_text,
)

S = Shipment.Status


@dataclass(frozen=True)
class PickLine:
    line_id: int
    sku: str
    barcode: str
    title: str
    options: str
    picture: str
    quantity: int
    picked: int

    @property
    def is_done(self) -> bool:
        return self.picked == self.quantity


@dataclass(frozen=True)
class AddressWords:
    """An address as its country writes it and, if that differs, in Latin letters."""

    lines: Sequence[str]
    latin: Sequence[str]
    language: str
    phone: str


@dataclass(frozen=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True)
class ShipmentPage:
    shipment: Shipment
    lines: Sequence[PickLine]
    address: AddressWords
    facts: Sequence[Fact]
    payment: str
    routing: RoutingWords | None
    label: LabelWords | None
    siblings: Sequence[str]
    is_overdue: bool

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def picked(self) -> int:
        return sum(line.picked for line in self.lines)

    @property
    def can_pick(self) -> bool:
        return self.shipment.status in (S.PLANNED, S.PICKING)

    @property
    def can_be_short(self) -> bool:
        return self.is_released and self.shipment.status in (S.PLANNED, S.PICKING, S.PACKED)

    @property
    def needs_attention(self) -> bool:
        return self.shipment.status == S.EXCEPTION and not self.shipment.resolution

    @property
    def is_released(self) -> bool:
        return self.shipment.order.status == Order.Status.RELEASED


def find_shipment(number: str) -> Shipment:
    """Get a shipment with its lines and what they name; raise Shipment.DoesNotExist."""
    lines = (
        ShipmentLine.objects.select_related("order_line__variant__product")
        .prefetch_related(
            "order_line__variant__options__value",
            "order_line__variant__product__media",
        )
        .order_by("order_line__sku")
    )
    return (
        Shipment.objects.select_related("order__shipping_address", "warehouse", "service__carrier")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .get(number=number)
    )


def load_shipment_page(shipment: Shipment, rights: Rights, *, now: datetime) -> ShipmentPage:
    order = shipment.order
    decision = order.routings.filter(is_current=True).select_related("user").first()
    siblings = order.shipments.exclude(pk=shipment.pk).exclude(status=S.CANCELLED)
    return ShipmentPage(
        shipment=shipment,
        lines=_lines(shipment),
        address=address_words(order.shipping_address, warehouse=shipment.warehouse),
        facts=_facts(shipment, rights),
        payment=_payment(order, rights),
        routing=routing_words(
            decision,
            names=place_names(),
            shows_costs=rights.sees_prices,
            zone=shipment.warehouse.zone,
        )
        if decision
        else None,
        label=label_words(shipment, rights),
        siblings=list(siblings.order_by("id").values_list("number", flat=True)),
        is_overdue=shipment.status not in (*GONE, S.CANCELLED) and shipment.ship_by < now,
    )


def address_words(address: Address, *, warehouse: Warehouse | None = None) -> AddressWords:
    """Word an address for a label; from abroad the country stands below it."""
    lines = format_address(address)
    latin = format_address(address, latin=True)
    if warehouse is not None and warehouse.country == address.country:
        latin = lines
    return AddressWords(
        lines=lines,
        latin=[] if latin == lines else latin,
        language=language_of_country(address.country),
        phone=address.phone,
    )


def _lines(shipment: Shipment) -> list[PickLine]:
    rows = list(shipment.lines.all())
    picked = units_picked(rows)
    found = []
    for row in rows:
        variant = row.order_line.variant
        found.append(
            PickLine(
                line_id=row.pk,
                sku=row.order_line.sku,
                barcode=variant.barcode,
                # The catalogue's words, not the order's: the packer may not read the shopper's.
                title=variant.product.title,
                options=variant_label(variant),
                picture=picture_url(variant),
                quantity=row.quantity,
                picked=picked[row.pk],
            )
        )
    return found


def _facts(shipment: Shipment, rights: Rights) -> list[Fact]:
    zone = shipment.warehouse.zone
    address = shipment.order.shipping_address
    facts = [
        Fact(_("Warehouse"), shipment.warehouse.name),
        Fact(
            _("Leaves by"),
            f"{moment_text(shipment.ship_by, zone)} {zone_text(shipment.ship_by, zone)}",
        ),
        Fact(_("Carrier"), f"{shipment.service.carrier}, {shipment.service.name}"),
        Fact(
            _("Promised"), f"{day_text(shipment.promised_from)} – {day_text(shipment.promised_to)}"
        ),
        *_expected(shipment),
        Fact(_("Weight"), weight_text(shipment.weight_grams)),
        Fact(_("To"), country_text(address.country)),
    ]
    if shipment.packed_at:
        facts.append(Fact(_("Packed"), moment_text(shipment.packed_at, zone)))
    if shipment.dispatched_at:
        facts.append(Fact(_("Dispatched"), moment_text(shipment.dispatched_at, zone)))
    if shipment.delivered_at:
        facts.append(Fact(_("Delivered"), moment_text(shipment.delivered_at, zone)))
    return facts


def _expected(shipment: Shipment) -> list[Fact]:
    if shipment.resolution:
        return [Fact(_("Resolved"), shipment.get_resolution_display())]
    return [Fact(_("Now expected"), day_text(shipment.expected_on))] if shipment.expected_on else []


def _payment(order: Order, rights: Rights) -> str:
    """Say what dispatching does to the money, as plainly as the reader may know it."""
    payment = (
        Payment.objects.filter(
            order=order, status__in=[Payment.Status.AUTHORISED, Payment.Status.CAPTURED]
        )
        .select_related("method")
        .first()
    )
    if payment is None:
        return _("This order has no payment that could be taken. Do not hand the parcel over.")
    amount = money_text(payment.amount)
    values = {"amount": amount, "method": payment.method.name}
    if payment.method.gateway == PaymentMethod.Gateway.CASH_ON_DELIVERY:
        if payment.status == Payment.Status.CAPTURED:
            return _("The carrier has collected the cash.")
        # The label says what the carrier must collect; whoever packs has to know it.
        return _("Cash on delivery: the carrier collects %(amount)s.") % values
    if not rights.sees_prices:
        if payment.status == Payment.Status.CAPTURED:
            return _("Paid.")
        return _("Reserved; the money is taken when you dispatch.")
    if payment.status == Payment.Status.CAPTURED:
        return _("%(amount)s paid with %(method)s.") % values
    return _("%(amount)s reserved with %(method)s; taken when you dispatch.") % values
