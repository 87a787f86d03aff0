"""Dated rows of landed cost in admin, and the HS table."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.admin.hs_picker import choose_hs_code, search_hs_codes
from markets.admin.landed_preview import preview_landed_cost
from markets.admin.law import LawAdmin, money
from markets.admin.law_files import LawFileAdmin
from markets.admin.price_words import write_amount
from markets.landed_cost.terms import DutyKind
from markets.models import (
    CustomsTerritory,
    DutyRate,
    HsCode,
    ImportFee,
    ImportRule,
    IncotermRule,
)


@admin.register(HsCode)
class HsCodeAdmin(AppendOnlyAdmin, LawFileAdmin):
    """The nomenclature: looked at, looked up from a variant's page, and replaced by a file."""

    table = "hs_codes"
    list_display = ("code", "description", "level")
    list_filter = ("level",)
    search_fields = ("code__startswith", "description")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("search/", view(search_hs_codes), name="markets_hscode_search"),
            path("choose/<int:variant_id>/", view(choose_hs_code), name="markets_hscode_choose"),
            *super().get_urls(),
        ]


@admin.register(CustomsTerritory)
class CustomsTerritoryAdmin(LawAdmin):
    table = "customs_territories"
    list_display = ("country", "territory", "valid_from", "last_day", "source_in_short")
    list_filter = ("territory", InForceFilter)
    search_fields = ("country", "territory")


@admin.register(ImportRule)
class ImportRuleAdmin(LawAdmin):
    table = "import_rules"
    list_display = (
        "destination", "origin_group", "basis", "formula",
        money("duty_free_to", _("free of duty up to")),
        money("tax_free_to", _("free of tax up to")),
        "valid_from", "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("formula", InForceFilter, "destination")
    search_fields = ("destination", "source")


@admin.register(DutyRate)
class DutyRateAdmin(LawAdmin):
    table = "duty_rates"
    list_display = (
        "destination", "hs_prefix", "origin", "label", "stack_group", "rate", "valid_from",
        "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("kind", "stack_group", InForceFilter, "destination")
    search_fields = ("destination", "hs_prefix__startswith", "label", "source")

    @admin.display(description=pgettext_lazy("tax", "rate"))
    def rate(self, row: DutyRate) -> str:
        """Write what it takes: 12 %, 3.00 EUR for each heading, 5 % and at least 2.00 EUR."""
        if row.kind == DutyKind.AD_VALOREM:
            percent = f"{row.percent.normalize():f} %"
            least = f", ≥ {write_amount(row.amount, row.currency)}" if row.amount else ""
            return percent + least
        return f"{write_amount(row.amount, row.currency)} {row.get_kind_display()}"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(preview_landed_cost)
        return [path("preview/", page, name="markets_landed_preview"), *super().get_urls()]


@admin.register(ImportFee)
class ImportFeeAdmin(LawAdmin):
    table = "import_fees"
    list_display = (
        "destination", "label", "per", money("amount", _("amount")), "is_in_use", "gives_way",
        "valid_from", "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("is_in_use", InForceFilter, "destination")
    search_fields = ("destination", "label", "source")


@admin.register(IncotermRule)
class IncotermRuleAdmin(LawAdmin):
    table = "incoterms"
    list_display = (
        "market", "origin", "destination", "terms", "unknown_duty", "duty_refund",
        money("clearance_fee", _("carrier's clearance fee")),
        "valid_from", "last_day", "source_in_short",
    )  # fmt: skip
    list_filter = ("terms", "market", InForceFilter)
    list_select_related = ("market",)
