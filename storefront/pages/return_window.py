"""How long a shopper may ask to send something back."""

from datetime import date, timedelta

from fulfillment.models import Shipment
from orders.models import Order


def last_day_to_return(order: Order) -> date | None:
    """Give the last day, in the market's time, of an order's window; None before all has arrived.

    Counted from the day on which the last parcel arrives. What the law or a guarantee gives beyond
    it is for staff, who take in any parcel.
    """
    parcels = order.shipments.exclude(status=Shipment.Status.CANCELLED)
    arrived = list(parcels.values_list("delivered_at", flat=True))
    moments = [moment for moment in arrived if moment is not None]
    if not moments or len(moments) < len(arrived):
        return None
    last = max(moments).astimezone(order.market.zone).date()
    return last + timedelta(days=order.market.return_days)
