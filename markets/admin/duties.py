"""Dated rows of landed cost in admin: tables with their source, import of files, the HS table."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.admin.hs_picker import choose_hs_code, search_hs_codes
from markets.admin.landed_preview import preview_landed_cost
from markets.admin.price_words import write_amount
from markets.landed_cost.files import TABLES, BadFile, import_rows, read_lines
from markets.landed_cost.terms import DutyKind
from markets.models import (
    CustomsTerritory,
    DutyRate,
    HsCode,
    ImportFee,
    ImportRule,
    IncotermRule,
)
from markets.models.dated import Dated


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("The first line names the columns. All of the file is taken, or nothing."),
    )


class LawAdmin(ModelAdmin):
    """A table of dated rows, with the page that takes over a file of them."""

    list_before_template = "markets/admin/_import_file.html"
    table: ClassVar[str]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields: list[str] = list(super().get_fields(request, obj))
        dated = ["valid_from", "valid_to", "source"]
        return [*(name for name in fields if name not in dated), *dated]

    @admin.display(description=_("source"))
    def source_in_short(self, row: Dated) -> str:
        return Truncator(row.source).chars(60)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.import_file)
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [path("import/", page, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = self.has_add_permission(request) and self.has_change_permission(request)
        shown = {"import_address": self._address("import") if may else ""}
        answer: HttpResponse = super().changelist_view(request, {**shown, **(extra_context or {})})
        return answer

    def import_file(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = FileForm(request.POST or None, request.FILES or None)
        problems: tuple[Any, ...] = ()
        if request.method == "POST" and form.is_valid():
            try:
                done = import_rows(self.table, read_lines(form.cleaned_data["file"]))
            except BadFile as error:
                problems = error.problems
            else:
                told = _("%(added)d rows were added, %(changed)d changed and %(ended)d ended.")
                messages.success(request, told % vars(done))
                return HttpResponseRedirect(self._address("changelist"))
        model, _key = TABLES[self.table]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a file"),
            "opts": self.opts,
            "form": form,
            "problems": problems,
            "columns": [
                field.name for field in model._meta.concrete_fields if not field.primary_key
            ],
            "back": self._address("changelist"),
        }
        return TemplateResponse(request, "markets/admin/import_file.html", context)

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")


@admin.register(HsCode)
class HsCodeAdmin(AppendOnlyAdmin):
    """The nomenclature: only looked at, and looked up from a variant's page."""

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
    list_display = ("country", "territory", "valid_from", "valid_to", "source_in_short")
    list_filter = ("territory", InForceFilter)
    search_fields = ("country", "territory")


@admin.register(ImportRule)
class ImportRuleAdmin(LawAdmin):
    table = "import_rules"
    list_display = (
        "destination", "origin_group", "basis", "formula", "duty_free_to", "tax_free_to",
        "currency", "valid_from", "valid_to", "source_in_short",
    )  # fmt: skip
    list_filter = ("formula", InForceFilter, "destination")
    search_fields = ("destination", "source")


@admin.register(DutyRate)
class DutyRateAdmin(LawAdmin):
    table = "duty_rates"
    list_display = (
        "destination", "hs_prefix", "origin", "label", "stack_group", "rate", "valid_from",
        "valid_to", "source_in_short",
    )  # fmt: skip
    list_filter = ("kind", "stack_group", InForceFilter, "destination")
    search_fields = ("destination", "hs_prefix__startswith", "label", "source")

    @admin.display(description=_("rate"))
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
        "destination", "label", "per", "amount", "currency", "is_in_use", "gives_way",
        "valid_from", "valid_to", "source_in_short",
    )  # fmt: skip
    list_filter = ("is_in_use", InForceFilter, "destination")
    search_fields = ("destination", "label", "source")


@admin.register(IncotermRule)
class IncotermRuleAdmin(LawAdmin):
    table = "incoterms"
    list_display = (
        "market", "origin", "destination", "terms", "clearance_fee", "currency", "valid_from",
        "valid_to", "source_in_short",
    )  # fmt: skip
    list_filter = ("terms", "market", InForceFilter)
    list_select_related = ("market",)
