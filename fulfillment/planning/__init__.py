"""From which warehouses, and by which carriers, an order is sent: pure and exact.

`plan_shipments` is the way in; docs/algorithms/routing.md says what it promises.
"""

from fulfillment.planning.planner import plan_shipments
from fulfillment.planning.plans import Parcel, Plan, Reason, RejectedPlan, Routing, Term, Terms
from fulfillment.planning.terms import Lane, Line, Network, Policy, Stock

__all__ = [
    "Lane",
    "Line",
    "Network",
    "Parcel",
    "Plan",
    "Policy",
    "Reason",
    "RejectedPlan",
    "Routing",
    "Stock",
    "Term",
    "Terms",
    "plan_shipments",
]
