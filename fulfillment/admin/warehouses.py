from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from fulfillment.admin.lane_fields import ZoneForm
from fulfillment.models import Closure, Warehouse, Zone


class ZoneInline(StackedInline):
    model = Zone
    form = ZoneForm
    extra = 0
    show_change_link = True
    tab = True
    fields = (
        ("service", "countries"),
        ("base_cost", "cost_per_kg"),
        ("transit_days_min", "transit_days_max"),
        ("customs_days_min", "customs_days_max"),
        ("max_weight_grams", "cutoff", "co2_grams_per_kg"),
    )


class ClosureInline(TabularInline):
    model = Closure
    extra = 0
    tab = True
    fields = ("first_on", "last_on", "reason", "source")


@admin.register(Warehouse)
class WarehouseAdmin(ModelAdmin):
    list_display = (
        "code", "name", "country", "time_zone", "cutoff", "handling_days", "daily_parcels",
        "receives_returns", "is_active",
    )  # fmt: skip
    list_filter = ("is_active", "receives_returns")
    search_fields = ("code", "name", "country")
    inlines: ClassVar = [ClosureInline, ZoneInline]

    fieldsets: ClassVar[Any] = [
        (None, {
            "fields": (
                ("code", "name"), ("country", "postal_code"),
                "region", "address",
                ("receives_returns", "is_active"),
            ),
        }),
        (_("Hours"), {
            "fields": ("time_zone", ("cutoff", "handling_days"), "daily_parcels"),
            "description": _(
                "Dates in the shop follow from these, from the zones and from public holidays of"
                " the country."
            ),
        }),
    ]  # fmt: skip

    def get_inlines(self, request: HttpRequest, obj: Warehouse | None) -> Any:
        # A closure asks which warehouse it is of: there must be one.
        return self.inlines if obj else [ZoneInline]
