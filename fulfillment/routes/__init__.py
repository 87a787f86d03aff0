"""From a released order to shipments, and whatever moves them afterwards.

Each use case locks the order first, then its shipments, its reservation and stock rows in
(variant, warehouse) order; it writes everything at once or nothing.
"""

from fulfillment.routes.overriding import LaneOffer, list_offers, override_route
from fulfillment.routes.releasing import route_order, route_rest, waits_for_stock
from fulfillment.routes.reoptimising import move_order, reoptimise_orders
from fulfillment.routes.replanning import replan_shipment
from fulfillment.routes.resending import resend_shipment
from fulfillment.routes.short_picking import ShortPick, short_pick

__all__ = [
    "LaneOffer",
    "ShortPick",
    "list_offers",
    "move_order",
    "override_route",
    "reoptimise_orders",
    "replan_shipment",
    "resend_shipment",
    "route_order",
    "route_rest",
    "short_pick",
    "waits_for_stock",
]
