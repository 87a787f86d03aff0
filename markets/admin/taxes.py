from typing import ClassVar

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from markets.admin.history import InForceFilter
from markets.models import (
    CategoryRule,
    LegalEntity,
    SpecialTerritory,
    TaxPlaceRule,
    TaxRate,
    TaxRegistration,
    TaxThreshold,
)


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    list_display = ("country", "region", "category", "percent", "name", "valid_from", "valid_to")
    list_filter = ("country", "category", InForceFilter)
    list_select_related = ("category",)
    search_fields = ("country", "region", "name")


class TaxRegistrationInline(TabularInline):
    model = TaxRegistration
    fields = ("country", "region", "scheme", "number", "is_voluntary", "valid_from", "valid_to")
    extra = 0
    tab = True


@admin.register(LegalEntity)
class LegalEntityAdmin(ModelAdmin):
    list_display = ("name", "country", "tax_id", "invoice_prefix")
    search_fields = ("name", "tax_id")
    readonly_fields = ("area_turnover",)
    inlines: ClassVar = [TaxRegistrationInline]


@admin.register(TaxRegistration)
class TaxRegistrationAdmin(ModelAdmin):
    list_display = (
        "legal_entity", "country", "region", "scheme", "number", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("legal_entity", "scheme", "country", InForceFilter)
    list_select_related = ("legal_entity",)
    search_fields = ("country", "region", "number")
    autocomplete_fields = ("legal_entity",)


@admin.register(TaxPlaceRule)
class TaxPlaceRuleAdmin(ModelAdmin):
    list_display = (
        "country", "region", "area", "is_sales_tax", "shipping_taxable", "origin_based",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("area", "is_sales_tax", "shipping_taxable", "country", InForceFilter)
    search_fields = ("country", "region")


@admin.register(TaxThreshold)
class TaxThresholdAdmin(ModelAdmin):
    list_display = (
        "scheme", "country", "region", "amount", "currency", "transactions", "rule", "period",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("scheme", "country", "period", InForceFilter)
    search_fields = ("country", "region")


@admin.register(SpecialTerritory)
class SpecialTerritoryAdmin(ModelAdmin):
    list_display = (
        "name", "country", "postal_from", "postal_to", "treated_as", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("country", InForceFilter)
    search_fields = ("name", "country", "postal_from")


@admin.register(CategoryRule)
class CategoryRuleAdmin(ModelAdmin):
    list_display = (
        "country", "region", "category", "kind", "amount", "currency", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("country", "category", "kind", InForceFilter)
    list_select_related = ("category",)
    search_fields = ("country", "region")
