"""Stock: what there is, what is set aside for orders, and the ledger that both follow from."""

from fulfillment.stock.availability import available
from fulfillment.stock.expiry import expire_reservations
from fulfillment.stock.holding import extend_reservation, release_reservation, secure_reservation
from fulfillment.stock.ledger import count_stock, receive_stock
from fulfillment.stock.reserving import reserve_stock
from fulfillment.stock.shelf import Shelf, read_shelf

__all__ = [
    "Shelf",
    "available",
    "count_stock",
    "expire_reservations",
    "extend_reservation",
    "read_shelf",
    "receive_stock",
    "release_reservation",
    "reserve_stock",
    "secure_reservation",
]
