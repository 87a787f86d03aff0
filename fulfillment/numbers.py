"""Numbers of parcels and returns: the order's number, which reveals no volume, and a count.

The caller holds the order's row lock, so that no count is given twice.
"""

from orders.models import Order


def shipment_number(order: Order, *, position: int) -> str:
    """Name an order's shipment, counted from 1: `7KQ2-9F4M-X-S1`."""
    return f"{order.number}-S{position}"


def return_number(order: Order, *, position: int) -> str:
    """Name an order's return, counted from 1: `7KQ2-9F4M-X-R1`."""
    return f"{order.number}-R{position}"
