"""What the admin pages of dated law share: files, time and source last, no deletion of the past."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from markets.admin.law_files import LawFileAdmin
from markets.admin.price_words import write_amount
from markets.models.dated import Dated


class DatedAdmin(ModelAdmin):
    """A list of dated rows: their last day, and where they were read."""

    @admin.display(description=_("through"), ordering="valid_to")
    def last_day(self, row: Dated) -> Any:
        # What ends is told by its last day; the column has the first day without it.
        return row.valid_to - timedelta(days=1) if row.valid_to else None

    @admin.display(description=_("source"), ordering="source")
    def source_in_short(self, row: Dated) -> str:
        short = Truncator(row.source).chars(32)
        return format_html(
            '<span class="whitespace-nowrap" title="{}">{}</span>', row.source, short
        )


class LawAdmin(DatedAdmin, LawFileAdmin):
    """A table of dated rows of law."""

    change_form_before_template = "markets/admin/_row_in_force.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields: list[str] = list(super().get_fields(request, obj))
        dated = ["valid_from", "valid_to", "source"]
        return [*(name for name in fields if name not in dated), *dated]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Orders name the rows that made them: what has been in force stays, and is ended.
        if isinstance(obj, Dated) and obj.valid_from <= timezone.localdate():
            return False
        return bool(super().has_delete_permission(request, obj))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row = context.get("original")
        began = isinstance(row, Dated) and row.valid_from <= timezone.localdate()
        context["is_past"] = began and self.has_change_permission(request, row)
        return super().render_change_form(request, context, *args, **kwargs)


def percent(row: Any) -> str:
    """Write a row's percentage without idle zeros."""
    return f"{row.percent.normalize():f} %"


percent.short_description = _("percent")  # type: ignore[attr-defined]
percent.admin_order_field = "percent"  # type: ignore[attr-defined]


def money(name: str, words: Any) -> Any:
    """Make a column that writes an amount with its row's currency."""

    @admin.display(description=words, ordering=name)
    def write(row: Any) -> str | None:
        amount = getattr(row, name)
        return None if amount is None else write_amount(amount, row.currency)

    return write
