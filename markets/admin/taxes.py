from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from markets.admin.history import InForceFilter
from markets.admin.law import LawAdmin, money, percent
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
class TaxRateAdmin(LawAdmin):
    table = "tax_rates"
    list_display = (
        "country", "region", "category", percent, "name", "valid_from", "last_day",
        "source_in_short",
    )  # fmt: skip
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
class TaxPlaceRuleAdmin(LawAdmin):
    table = "tax_place_rules"
    list_display = (
        "country", "region", "area", "is_sales_tax", "shipping_taxable", "origin_based",
        "valid_from", "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("area", "is_sales_tax", "shipping_taxable", "country", InForceFilter)
    search_fields = ("country", "region")


@admin.register(TaxThreshold)
class TaxThresholdAdmin(LawAdmin):
    table = "tax_thresholds"
    list_display = (
        "scheme", "country", "region", money("amount", _("amount")), "transactions", "rule",
        "period", "valid_from", "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("scheme", "country", "period", InForceFilter)
    search_fields = ("country", "region")


@admin.register(SpecialTerritory)
class SpecialTerritoryAdmin(LawAdmin):
    table = "special_territories"
    list_display = (
        "name", "country", "postal_from", "postal_to", "treated_as", "valid_from", "last_day",
        "source_in_short",
    )  # fmt: skip
    list_filter = ("country", InForceFilter)
    search_fields = ("name", "country", "postal_from")


@admin.register(CategoryRule)
class CategoryRuleAdmin(LawAdmin):
    table = "category_rules"
    list_display = (
        "country", "region", "category", "kind", money("amount", _("amount")), "valid_from",
        "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("country", "category", "kind", InForceFilter)
    list_select_related = ("category",)
    search_fields = ("country", "region")
