from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.models import ExchangeRate, TaxRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AppendOnlyAdmin):
    list_display = ("as_of", "provider", "base", "quote", "rate", "fetched_at")
    list_filter = ("provider", "quote")
    date_hierarchy = "as_of"
    search_fields = ("quote",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    list_display = ("country", "region", "category", "percent", "name", "valid_from", "valid_to")
    list_filter = ("country", "category", InForceFilter)
    list_select_related = ("category",)
    search_fields = ("country", "region", "name")
