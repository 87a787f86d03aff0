from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from fulfillment.admin.readonly import ReadOnly
from fulfillment.models import RoutingDecision, Shipment, ShipmentLine
from fulfillment.reasons import describe_reason


class ShipmentLineInline(ReadOnly, TabularInline):
    model = ShipmentLine
    extra = 0
    fields = ("order_line", "quantity")


@admin.register(Shipment)
class ShipmentAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "warehouse", "service", "status", "ship_by", "promised_to", "cost")
    list_filter = ("status", "warehouse", "service")
    list_select_related = ("warehouse", "service")
    search_fields = ("number", "order__number", "tracking_number")
    date_hierarchy = "ship_by"
    inlines: ClassVar = [ShipmentLineInline]


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "parcels", "cost", "decided_at")
    list_select_related = ("order",)
    search_fields = ("order__number",)
    fields = ("order", "decided_at", "parcels", "cost", "plan_taken", "plans_turned_down")
    readonly_fields = ("plan_taken", "plans_turned_down")

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
