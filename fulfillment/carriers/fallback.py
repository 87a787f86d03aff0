"""What happens to a parcel whose carrier does not answer: it goes with another one."""

import logging
from datetime import datetime

from fulfillment import routes
from fulfillment.errors import NoRoute
from fulfillment.models import RoutingDecision
from orders.errors import StaleTransition

logger = logging.getLogger(__name__)


def fall_back(shipment_id: int, *, now: datetime) -> bool:
    """Plan a shipment anew without the carriers that are down; False if there is no other way.

    Outside any transaction: the replanning has its own.
    """
    try:
        routes.replan_shipment(shipment_id, cause=RoutingDecision.Cause.CARRIER, now=now)
    except (NoRoute, StaleTransition) as error:
        logger.warning("Shipment %s has no other way: %s", shipment_id, error)
        return False
    return True
