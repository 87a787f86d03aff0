"""What a scanned or typed code means, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from catalog.models import Variant
from catalog.selectors import variant_label
from fulfillment.models import Return, Shipment, ShipmentLine
from fulfillment.selectors import TO_SEND, stock_of_variant
from orders.models import Order
from orders.numbers import normalise_order_number

MIN_PREFIX, MOST_FOUND = 3, 20


@dataclass(frozen=True)
class StockRow:
    warehouse: str
    on_hand: int
    reserved: int
    free: int


@dataclass(frozen=True)
class OpenParcel:
    number: str
    status: str
    warehouse: str
    quantity: int


@dataclass(frozen=True)
class SkuPage:
    sku: str
    barcode: str
    title: str
    options: str
    stock: Sequence[StockRow]
    parcels: Sequence[OpenParcel]


def find_number(text: str) -> str:
    """Give the page of a shipment, return, order or tracking number; "" if it is none."""
    code = " ".join(text.split())
    if not code:
        return ""
    shipment = Shipment.objects.filter(Q(number__iexact=code) | Q(tracking_number__iexact=code))
    number = shipment.order_by("-id").values_list("number", flat=True).first()
    if number:
        return reverse("staff:shipment", args=[number])
    number = Return.objects.filter(number__iexact=code).values_list("number", flat=True).first()
    if number:
        return reverse("staff:return", args=[number])
    order_number = normalise_order_number(code)
    if order_number and Order.objects.filter(number=order_number).exists():
        return reverse("staff:order", args=[order_number])
    return ""


def find_code(text: str) -> str:
    """Give the page of any code, goods' included; "" if nothing has it."""
    found = find_number(text)
    if found:
        return found
    variant = find_variant(text)
    return reverse("staff:sku", args=[variant.sku]) if variant else ""


def find_variant(text: str) -> Variant | None:
    """Find goods by SKU or barcode."""
    code = text.strip()
    if not code:
        return None
    goods = Variant.objects.select_related("product").prefetch_related("options__value")
    return goods.filter(sku__iexact=code).first() or goods.filter(barcode=code).first()


def list_similar(text: str) -> list[Order]:
    """List orders, the latest first, whose number begins with a text or whose e-mail it is."""
    code = text.strip()
    if len(code) < MIN_PREFIX:
        return []
    return list(
        Order.objects.filter(Q(number__istartswith=code) | Q(email__iexact=code)).order_by("-id")[
            :MOST_FOUND
        ]
    )


def load_sku_page(variant: Variant) -> SkuPage:
    lines = (
        ShipmentLine.objects.filter(
            order_line__variant=variant, shipment__status__in=[*TO_SEND, Shipment.Status.EXCEPTION]
        )
        .select_related("shipment__warehouse")
        .order_by("shipment__ship_by", "id")[:MOST_FOUND]
    )
    return SkuPage(
        sku=variant.sku,
        barcode=variant.barcode,
        title=variant.product.title,
        options=variant_label(variant),
        stock=[
            StockRow(row.warehouse.name, row.on_hand, row.reserved, row.on_hand - row.reserved)
            for row in stock_of_variant(variant.pk)
        ],
        parcels=[
            OpenParcel(
                number=line.shipment.number,
                status=line.shipment.get_status_display(),
                warehouse=line.shipment.warehouse.name,
                quantity=line.quantity,
            )
            for line in lines
        ],
    )
