"""Stock: what there is, what is set aside for orders, and the ledger that both follow from."""

from fulfillment.stock.availability import available
from fulfillment.stock.buckets import lay_out_hot_levels
from fulfillment.stock.display import StockKind, StockNote, count_sellable, stock_notes
from fulfillment.stock.expiry import expire_reservations, give_up_expired
from fulfillment.stock.holding import extend_reservation, release_reservation, secure_reservation
from fulfillment.stock.ledger import count_stock, receive_stock
from fulfillment.stock.preorders import settle_arrived, settle_preorders
from fulfillment.stock.reserving import reserve_stock
from fulfillment.stock.shelf import Shelf, read_shelf

__all__ = [
    "Shelf",
    "StockKind",
    "StockNote",
    "available",
    "count_sellable",
    "count_stock",
    "expire_reservations",
    "extend_reservation",
    "give_up_expired",
    "lay_out_hot_levels",
    "read_shelf",
    "receive_stock",
    "release_reservation",
    "reserve_stock",
    "secure_reservation",
    "settle_arrived",
    "settle_preorders",
    "stock_notes",
]
