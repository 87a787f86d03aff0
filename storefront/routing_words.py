"""Why an order ships from where it ships, in words: a sentence, tables, and what was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.models import CarrierService, RoutingDecision, Warehouse
from fulfillment.reasons import TERMS, describe_note, describe_reason, describe_term
from orders.models import Order
from storefront.wording import amount_text, day_text, full_moment_text, weight_text

_EUR = "EUR"
# What is weighed and paid to nobody.
_PENALTIES = ("late", "split", "scarcity")


@dataclass(frozen=True)
class PlannedParcel:
    warehouse: str
    service: str
    units: Sequence[tuple[str, int]]
    weight: str
    cost: str
    is_late: bool
    arrives: str


@dataclass(frozen=True)
class TurnedDown:
    plan: str
    cost: str
    parcels: str
    reason: str
    terms: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Decided:
    """When a decision fell, what made it fall, and who did."""

    moment: str
    cause: str
    note: str
    who: str


@dataclass(frozen=True)
class RoutingWords:
    """A decision in words; amounts are empty for those who may not see them."""

    sentence: str
    decided: Decided
    parcels: Sequence[PlannedParcel]
    rejected: Sequence[TurnedDown]
    terms: Sequence[tuple[str, str]]
    waiting: Sequence[tuple[str, int]]
    in_work: Sequence[str]
    cost: str
    is_exact: bool

    @property
    def is_late(self) -> bool:
        return any(parcel.is_late for parcel in self.parcels)


def routing_words(
    decision: RoutingDecision, *, names: Mapping[str, str], shows_costs: bool, zone: tzinfo
) -> RoutingWords:
    """Word a decision; `names` maps codes of warehouses and services to what people call them."""
    plan = decision.plan
    parcels = [_parcel(parcel, names, shows_costs) for parcel in plan["parcels"]]
    return RoutingWords(
        sentence=_sentence(decision, parcels, names=names, shows_costs=shows_costs),
        decided=_decided(decision, zone),
        parcels=parcels,
        rejected=[_turned_down(row, names, shows_costs) for row in decision.rejected],
        terms=_terms(plan.get("terms", {}), shows_costs),
        waiting=list(plan.get("waiting", {}).items()),
        in_work=[row["number"] for row in plan.get("in_work", [])],
        cost=_cost(decision.cost, shown=shows_costs),
        is_exact=bool(plan.get("exact", True)),
    )


def routing_history(
    order: Order, *, shows_costs: bool, zone: tzinfo
) -> tuple[RoutingWords | None, Sequence[RoutingWords]]:
    """Word the decision in force and those before it, the newest first; three queries."""
    names = place_names()
    words = [
        (row.is_current, routing_words(row, names=names, shows_costs=shows_costs, zone=zone))
        for row in order.routings.select_related("user").order_by("-id")
    ]
    current = next((found for is_current, found in words if is_current), None)
    return current, [found for is_current, found in words if not is_current]


def place_names() -> Mapping[str, str]:
    """Map the codes of warehouses and carrier services to what people call them; two queries."""
    names = dict(Warehouse.objects.values_list("code", "name"))
    for service in CarrierService.objects.select_related("carrier"):
        names[service.code] = f"{service.carrier} {service.name}"
    return names


def _sentence(
    decision: RoutingDecision,
    parcels: Sequence[PlannedParcel],
    *,
    names: Mapping[str, str],
    shows_costs: bool,
) -> str:
    """Say in two or three short sentences what was taken and what came next."""
    if not parcels:
        return _("No warehouse can send what is left of it. It waits and is planned when one can.")
    places = _and(list(dict.fromkeys(parcel.warehouse for parcel in parcels)))
    count = len(parcels)
    values = {"n": count, "places": places, "cost": _cost(_to_pay(decision), shown=shows_costs)}
    is_by_staff = decision.cause == RoutingDecision.Cause.STAFF
    if shows_costs:
        taken = ngettext(
            "%(n)s parcel from %(places)s for %(cost)s.",
            "%(n)s parcels from %(places)s for %(cost)s.",
            count,
        )
    else:
        taken = ngettext("%(n)s parcel from %(places)s.", "%(n)s parcels from %(places)s.", count)
    if not any(parcel.is_late for parcel in parcels):
        day = _("It keeps the promised day.")
    elif is_by_staff:
        day = _("It misses the promised day.")
    else:
        day = _("It misses the promised day: no better plan keeps it.")
    said = [taken % values, day]
    if is_by_staff:
        said = [_("Chosen by staff."), *said]
    elif decision.rejected:
        said.append(_next_best(decision, names=names, shows_costs=shows_costs))
    return " ".join(filter(None, said))


def _to_pay(decision: RoutingDecision) -> Decimal:
    """Give what a plan costs in money: without what only weighs in."""
    terms = decision.plan.get("terms", {})
    weighed = sum((Decimal(terms.get(term, 0)) for term in _PENALTIES), Decimal(0))
    return decision.cost - weighed


def _next_best(decision: RoutingDecision, *, names: Mapping[str, str], shows_costs: bool) -> str:
    row = decision.rejected[0]
    if row["cost"] is None:
        return ""
    places = _and([names.get(code, code) for code in row["warehouses"]])
    late = row.get("late_days") or 0
    if row["reason"] == "late" and late:
        return ngettext(
            "The next plan, from %(places)s, would be %(n)s day late.",
            "The next plan, from %(places)s, would be %(n)s days late.",
            late,
        ) % {"places": places, "n": late}
    more = Decimal(row["cost"]) - decision.cost
    if not shows_costs or more <= 0:
        return ""
    return _("The next plan, from %(places)s, costs %(more)s more.") % {
        "places": places,
        "more": _cost(more, shown=True),
    }


def _decided(decision: RoutingDecision, zone: tzinfo) -> Decided:
    user = decision.user
    return Decided(
        moment=full_moment_text(decision.decided_at, zone),
        cause=decision.get_cause_display(),
        note=describe_note(decision.note),
        who=(user.get_full_name() or user.get_username()) if user else "",
    )


def _parcel(parcel: Mapping[str, Any], names: Mapping[str, str], shows: bool) -> PlannedParcel:
    arrives = parcel.get("arrives")
    return PlannedParcel(
        warehouse=names.get(parcel["warehouse"], parcel["warehouse"]),
        service=names.get(parcel["service"], parcel["service"]),
        units=list(parcel["units"].items()),
        weight=weight_text(parcel["weight_grams"]),
        cost=_cost(parcel["cost"], shown=shows),
        is_late=not parcel["on_time"],
        arrives=day_text(date.fromisoformat(arrives)) if arrives else "",
    )


def _turned_down(row: Mapping[str, Any], names: Mapping[str, str], shows_costs: bool) -> TurnedDown:
    places = " + ".join(names.get(code, code) for code in row["warehouses"])
    services = " + ".join(names.get(code, code) for code in row["services"])
    count = row["parcels"]
    return TurnedDown(
        plan=_("%(places)s with %(services)s") % {"places": places, "services": services},
        cost=_cost(row["cost"], shown=shows_costs),
        parcels=ngettext("%(n)s parcel", "%(n)s parcels", count) % {"n": count} if count else "",
        reason=_why(row),
        terms=_terms(row.get("terms", {}), shows_costs),
    )


def _why(row: Mapping[str, Any]) -> str:
    """Say why a plan was turned down, and how late it would be."""
    why, late = describe_reason(row["reason"]), row.get("late_days") or 0
    if not late or row["cost"] is None:
        return why
    days = ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}
    return f"{why}, {days}"


def _terms(terms: Mapping[str, str], shows_costs: bool) -> list[tuple[str, str]]:
    if not shows_costs:
        return []
    # What was kept comes back in the database's order of keys.
    return [
        (describe_term(term), _cost(terms[term], shown=True)) for term in TERMS if term in terms
    ]


def _and(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _cost(cost: Any, *, shown: bool) -> str:
    return amount_text(str(cost), _EUR) if shown and cost is not None else ""
