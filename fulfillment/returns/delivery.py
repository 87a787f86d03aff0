"""What comes back of the delivery when all of an order does."""

from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from fulfillment.models import DeliveryOption, Return, ReturnLine
from markets.money import quantise
from orders.models import Order, OrderCharge

S = Return.Status
_INSPECTED = [S.INSPECTED, S.REFUNDED, S.CLOSED]


def delivery_due(order: Order) -> Decimal:
    """Give what of an order's delivery is paid back, tax included: 0 unless all of it came back.

    Who withdraws from the whole order gets back what the cheapest standard delivery cost
    (Directive 2011/83/EU Art. 13); a part of an order leaves delivery as it was. How much, the
    row of the delivery option says; without that row it is all of it. In the order's currency.
    The caller holds the order's lock.
    """
    charge = order.charges.filter(kind=OrderCharge.Kind.SHIPPING).first()
    returns = order.returns.filter(status__in=_INSPECTED)
    if charge is None or returns.filter(delivery__gt=0).exists():
        return Decimal(0)
    back = ReturnLine.objects.filter(goods_return__in=returns).aggregate(n=Sum("received"))["n"]
    if back != order.lines.aggregate(n=Sum("quantity"))["n"]:
        return Decimal(0)
    return _refundable(charge, order)


def _refundable(charge: OrderCharge, order: Order) -> Decimal:
    option = DeliveryOption.objects.filter(market=order.market_id, code=order.delivery_option)
    limit = option.values_list("refunded_up_to", flat=True).first()
    shown = charge.gross if order.prices_include_tax else charge.net
    if limit is None or shown <= limit:
        return charge.gross
    return quantise(Fraction(charge.gross) * Fraction(limit) / Fraction(shown), order.currency)
