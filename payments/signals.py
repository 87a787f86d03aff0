"""What is known of an order at the moment it is scored, by queries over earlier orders."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.db.models import Aggregate, DecimalField, Q, QuerySet

from orders.models import Address, Order
from payments.fraud import Signals
from payments.models import Payment

HOUR, DAY, SEASON = timedelta(hours=1), timedelta(hours=24), timedelta(days=90)
# Below this many orders a median says nothing.
MIN_ORDERS = 20
PAID = [
    Order.PaymentStatus.AUTHORISED,
    Order.PaymentStatus.PAID,
    Order.PaymentStatus.PART_REFUNDED,
    Order.PaymentStatus.REFUNDED,
]
# Words for a post office box, where a parcel's receiver shows no door.
_PO_BOX = re.compile(
    r"\b(p\.?\s?o\.?\s?box|post\s?office\s?box|post(?:fach|bus)|apartado(?:\s+postal)?"
    r"|caixa\s+postal|bo[iî]te\s+postale|b\.?p\.?\s?\d+|packstation)\b|私書箱|信箱|ص\.?\s?ب",
    re.IGNORECASE,
)
# Countries whose street addresses always carry a number; elsewhere its absence means nothing.
_NUMBERED = frozenset({
    "AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IT", "NL", "NO", "PL",
    "PT", "SE", "US", "CA", "AU", "BR", "MX",
})  # fmt: skip
_DIGIT = re.compile(r"\d|\bs/?n\b", re.IGNORECASE)


class Median(Aggregate):
    """The lower middle value: one that there is, and so a Decimal and not PostgreSQL's float."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field: "DecimalField[Decimal, Decimal]" = DecimalField()


def collect_signals(order: Order, *, now: datetime) -> Signals:
    """Collect the signals of an order; what cannot be known of it stays None."""
    by_email = _placed(now).filter(email__iexact=order.email)
    by_ip = _placed(now).filter(ip_address=order.ip_address) if order.ip_address else None
    by_address = _placed(now).filter(_same_address(order.shipping_address))
    address = order.shipping_address
    return Signals(
        amount=order.gross,
        currency=order.currency,
        usual_amount=_usual_amount(order, now=now),
        orders_by_email_1h=_count(by_email, now - HOUR),
        orders_by_email_24h=_count(by_email, now - DAY),
        orders_by_ip_1h=_count(by_ip, now - HOUR),
        orders_by_ip_24h=_count(by_ip, now - DAY),
        orders_by_address_1h=_count(by_address, now - HOUR),
        orders_by_address_24h=_count(by_address, now - DAY),
        failed_payments_24h=_failed_payments(order, now=now),
        countries_differ=address.country != order.billing_address.country,
        is_first_order=not _paid_before(order),
        is_po_box=_PO_BOX.search(address.street_address) is not None,
        lacks_house_number=lacks_house_number(address.country, address.street_address),
        is_disposable_email=order.email.rpartition("@")[2].lower() in disposable_domains(),
    )


def lacks_house_number(country: str, street_address: str) -> bool | None:
    """Say whether a street address has no number where all have one; None where many have none."""
    if country not in _NUMBERED or _PO_BOX.search(street_address):
        return None
    return _DIGIT.search(street_address) is None


@lru_cache(maxsize=1)
def disposable_domains() -> frozenset[str]:
    """Give the mail domains that hand out addresses for minutes."""
    text = (Path(__file__).parent / "data" / "disposable_domains.txt").read_text()
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def _placed(now: datetime) -> QuerySet[Order]:
    # Naming all states lets the index over state and moment serve.
    return Order.objects.filter(status__in=Order.Status.values, placed_at__lte=now)


def _count(orders: QuerySet[Order] | None, since: datetime) -> int | None:
    return None if orders is None else orders.filter(placed_at__gte=since).count()


def _same_address(address: Address) -> Q:
    return Q(
        shipping_address__country=address.country,
        shipping_address__postal_code__iexact=address.postal_code,
        shipping_address__city__iexact=address.city,
        shipping_address__street_address__iexact=address.street_address,
    )


def _usual_amount(order: Order, *, now: datetime) -> Decimal | None:
    orders = (
        _placed(now)
        .filter(
            market_id=order.market_id,
            currency=order.currency,
            placed_at__gte=now - SEASON,
            payment_status__in=PAID,
            # What is given away says nothing of what is bought.
            gross__gt=0,
        )
        .exclude(pk=order.pk)
    )
    if orders.count() < MIN_ORDERS:
        return None
    median: Decimal | None = orders.aggregate(median=Median("gross"))["median"]
    return median


def _failed_payments(order: Order, *, now: datetime) -> int:
    who = Q(order__email__iexact=order.email)
    if order.ip_address:
        who |= Q(order__ip_address=order.ip_address)
    failed = Payment.objects.filter(who, status=Payment.Status.FAILED, changed_at__gte=now - DAY)
    # What nobody tried to pay says nothing.
    return failed.exclude(failure__in=["expired", "abandoned", "superseded"]).count()


def _paid_before(order: Order) -> bool:
    who = Q(email__iexact=order.email)
    if order.user_id is not None:
        who |= Q(user_id=order.user_id)
    earlier = Order.objects.filter(
        # Who got something for nothing has not paid.
        who, placed_at__lt=order.placed_at, payment_status__in=PAID, gross__gt=0
    )  # fmt: skip
    return earlier.exclude(pk=order.pk).exists()
