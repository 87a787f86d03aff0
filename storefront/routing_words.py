"""Why an order ships from where it ships, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fulfillment.models import CarrierService, RoutingDecision, Warehouse
from storefront.wording import amount_text, weight_text

_REASONS: dict[str, str | Promise] = {
    "costs_more": gettext_lazy("costs more"),
    "more_parcels": gettext_lazy("costs the same but needs more parcels"),
    "more_warehouses": gettext_lazy("costs the same but involves more warehouses"),
    "later_code": gettext_lazy("equal in everything; the first code was taken"),
    "stock_short": gettext_lazy("not enough in stock for the whole order"),
    "too_heavy": gettext_lazy("too heavy for this service"),
    "late": gettext_lazy("would miss the promised day"),
}


@dataclass(frozen=True)
class PlannedParcel:
    warehouse: str
    service: str
    units: Sequence[tuple[str, int]]
    weight: str
    cost: str
    is_late: bool


@dataclass(frozen=True)
class TurnedDown:
    plan: str
    cost: str
    parcels: str
    reason: str


@dataclass(frozen=True)
class RoutingWords:
    parcels: Sequence[PlannedParcel]
    rejected: Sequence[TurnedDown]
    cost: str
    is_exact: bool

    @property
    def is_late(self) -> bool:
        return any(parcel.is_late for parcel in self.parcels)


def routing_words(
    decision: RoutingDecision, *, names: Mapping[str, str], shows_costs: bool
) -> RoutingWords:
    """Word a decision; `names` maps codes of warehouses and services to what people call them."""
    return RoutingWords(
        parcels=[
            PlannedParcel(
                warehouse=names.get(parcel["warehouse"], parcel["warehouse"]),
                service=names.get(parcel["service"], parcel["service"]),
                units=list(parcel["units"].items()),
                weight=weight_text(parcel["weight_grams"]),
                cost=_cost(parcel["cost"], shown=shows_costs),
                is_late=not parcel["on_time"],
            )
            for parcel in decision.plan["parcels"]
        ],
        rejected=[_turned_down(row, names, shows_costs) for row in decision.rejected],
        cost=_cost(decision.cost, shown=shows_costs),
        is_exact=bool(decision.plan.get("exact", True)),
    )


def place_names() -> Mapping[str, str]:
    """Map the codes of warehouses and carrier services to what people call them; two queries."""
    names = dict(Warehouse.objects.values_list("code", "name"))
    for service in CarrierService.objects.all():
        names[service.code] = f"{service.carrier} {service.name}"
    return names


def _turned_down(row: Mapping[str, Any], names: Mapping[str, str], shows_costs: bool) -> TurnedDown:
    places = " + ".join(names.get(code, code) for code in row["warehouses"])
    services = " + ".join(names.get(code, code) for code in row["services"])
    count = row["parcels"]
    return TurnedDown(
        plan=_("%(places)s with %(services)s") % {"places": places, "services": services},
        cost=_cost(row["cost"], shown=shows_costs),
        parcels=ngettext("%(n)s parcel", "%(n)s parcels", count) % {"n": count} if count else "",
        reason=str(_REASONS.get(row["reason"], row["reason"])),
    )


def _cost(cost: Any, *, shown: bool) -> str:
    return amount_text(str(cost), "EUR") if shown and cost is not None else ""
