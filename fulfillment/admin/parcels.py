from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from fulfillment.admin.readonly import ReadOnly
from fulfillment.models import RoutingDecision, RoutingPolicy, Shipment, ShipmentLine
from fulfillment.reasons import TERMS, describe_note, describe_reason, describe_term


class ShipmentLineInline(ReadOnly, TabularInline):
    model = ShipmentLine
    extra = 0
    fields = ("order_line", "quantity")


@admin.register(Shipment)
class ShipmentAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "number", "warehouse", "service", "status", "resolution", "ship_by", "promised_to", "cost",
    )  # fmt: skip
    list_filter = ("status", "warehouse", "service")
    list_select_related = ("warehouse", "service")
    search_fields = ("number", "order__number", "tracking_number")
    date_hierarchy = "ship_by"
    inlines: ClassVar = [ShipmentLineInline]


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "is_current", "cause", "parcels", "cost", "user", "decided_at")
    list_filter = ("is_current", "cause")
    list_select_related = ("order", "user")
    search_fields = ("order__number",)
    date_hierarchy = "decided_at"
    fields = (
        "order", "is_current", "cause", "reason", "user", "decided_at", "reviewed_at", "parcels",
        "cost", "terms", "plan_taken", "units_waiting", "plans_turned_down",
    )  # fmt: skip
    readonly_fields = ("reason", "terms", "plan_taken", "units_waiting", "plans_turned_down")

    @admin.display(description=_("reason"))
    def reason(self, decision: RoutingDecision) -> str:
        return describe_note(decision.note) or "–"

    @admin.display(description=_("what it costs"))
    def terms(self, decision: RoutingDecision) -> str:
        terms = decision.plan.get("terms", {})
        rows = ((describe_term(term), f"{terms[term]} EUR") for term in TERMS if term in terms)
        return _table((_("part"), _("cost")), rows) if terms else "–"

    @admin.display(description=_("units without a way"))
    def units_waiting(self, decision: RoutingDecision) -> str:
        waiting = decision.plan.get("waiting", {}).items()
        return ", ".join(f"{units} × {sku}" for sku, units in waiting) or "–"

    @admin.display(description=_("plan"))
    def plan_taken(self, decision: RoutingDecision) -> str:
        rows = (
            (
                parcel["warehouse"],
                parcel["service"],
                ", ".join(f"{units} × {sku}" for sku, units in parcel["units"].items()),
                f"{parcel['weight_grams'] / 1000:g} kg",
                f"{parcel['cost']} EUR",
                "" if parcel["on_time"] else describe_reason("late"),
            )
            for parcel in decision.plan["parcels"]
        )
        return _table((_("warehouse"), _("service"), _("units"), _("weight"), _("cost"), ""), rows)

    @admin.display(description=_("plans turned down"))
    def plans_turned_down(self, decision: RoutingDecision) -> str:
        return _table(
            (_("warehouse"), _("service"), _("cost"), _("parcels"), _("reason")),
            (_turned_down(plan) for plan in decision.rejected),
        )


@admin.register(RoutingPolicy)
class RoutingPolicyAdmin(ModelAdmin):
    """What weighs in routing; the general row has no market."""

    list_display = (
        "name", "line_cost", "split_penalty", "late_penalty", "day_penalty", "scarcity", "saving",
        "max_parcels",
    )  # fmt: skip
    list_select_related = ("market",)
    autocomplete_fields = ("market",)

    @admin.display(description=_("market"), ordering="market__name")
    def name(self, policy: RoutingPolicy) -> str:
        return policy.market.name if policy.market else str(_("Every market without its own"))


def _turned_down(plan: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        " + ".join(plan["warehouses"]),
        " + ".join(plan["services"]),
        "–" if plan["cost"] is None else f"{plan['cost']} EUR",
        plan["parcels"] or "–",
        describe_reason(plan["reason"]),
    )


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    cells = (
        format_html_join(
            "",
            '<td class="py-1 align-top" style="padding-inline-end: 1.5rem">{}</td>',
            ((cell,) for cell in row),
        )
        for row in rows
    )
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join(
            "",
            '<th class="py-1" style="padding-inline-end: 1.5rem; text-align: start">{}</th>',
            ((cell,) for cell in head),
        ),
        format_html_join("", "<tr>{}</tr>", ((row,) for row in cells)),
    )
