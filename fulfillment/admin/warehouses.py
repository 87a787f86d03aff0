from typing import ClassVar

from django.contrib import admin
from unfold.admin import ModelAdmin, StackedInline

from fulfillment.models import Warehouse, Zone


class ZoneInline(StackedInline):
    model = Zone
    extra = 0
    fields = (
        ("service", "countries"),
        ("base_cost", "cost_per_kg"),
        ("transit_days_min", "transit_days_max"),
        "max_weight_grams",
    )


@admin.register(Warehouse)
class WarehouseAdmin(ModelAdmin):
    list_display = (
        "code", "name", "country", "time_zone", "cutoff", "handling_days", "receives_returns",
        "is_active",
    )  # fmt: skip
    list_filter = ("is_active", "receives_returns")
    search_fields = ("code", "name", "country")
    inlines: ClassVar = [ZoneInline]
