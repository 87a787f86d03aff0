"""What is kept of a decision, so that people can be told why, long after."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fulfillment.models import Shipment
from fulfillment.planning import Plan, RejectedPlan, Terms
from fulfillment.routes.choosing import Chosen
from fulfillment.routes.demand import Demand, contents_of

_CENT = Decimal("0.01")


def explain_plan(chosen: Chosen, demand: Demand, *, settled: Sequence[Shipment]) -> dict[str, Any]:
    """Put a plan into JSON: its parcels, its cost by term, and what waits or is in work."""
    skus = {line.variant_id: line.sku for line in demand.lines}
    plan = chosen.plan
    told: dict[str, Any] = {
        "exact": chosen.exact,
        "parcels": _parcels(plan, skus) if plan else [],
        "terms": _terms(plan.terms) if plan else {},
    }
    if settled:
        told["in_work"] = [
            {"number": row.number, "units": _by_sku(contents_of(row), skus)} for row in settled
        ]
    if chosen.waiting:
        told["waiting"] = _by_sku(chosen.waiting, skus)
    return told


def explain_rejected(chosen: Chosen) -> list[dict[str, Any]]:
    """Put the plans turned down into JSON."""
    return [_rejected(plan) for plan in chosen.rejected]


def compare_with(plan: Plan, *, reason: str) -> RejectedPlan:
    """Make a plan that was given up one of those turned down."""
    return RejectedPlan(
        warehouses=plan.warehouses,
        services=plan.services,
        cost=plan.cost,
        parcels=len(plan.parcels),
        reason="late" if reason == "late" else "costs_more",
        terms=plan.terms,
        late_days=plan.late_days,
    )


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def _parcels(plan: Plan, skus: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "warehouse": parcel.lane.warehouse,
            "service": parcel.lane.service,
            "units": _by_sku(parcel.contents, skus),
            "weight_grams": parcel.weight_grams,
            "cost": str(cents(parcel.cost)),
            "on_time": parcel.lane.late_days == 0,
            "arrives": parcel.lane.arrives.isoformat() if parcel.lane.arrives else None,
        }
        for parcel in plan.parcels
    ]


def _by_sku(units: Mapping[int, int], skus: Mapping[int, str]) -> dict[str, int]:
    return {skus[variant]: count for variant, count in sorted(units.items())}


def _terms(terms: Terms) -> dict[str, str]:
    return {term: str(cents(amount)) for term, amount in terms.items() if amount}


def _rejected(plan: RejectedPlan) -> dict[str, Any]:
    return {
        "warehouses": list(plan.warehouses),
        "services": list(plan.services),
        "cost": None if plan.cost is None else str(cents(plan.cost)),
        "parcels": plan.parcels,
        "reason": plan.reason,
        "terms": _terms(plan.terms) if plan.terms else {},
        "late_days": plan.late_days,
    }
