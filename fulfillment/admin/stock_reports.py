from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from fulfillment.admin.readonly import ReadOnly
from fulfillment.admin.watch_page import watch
from fulfillment.models import StockAudit, StockDisplay
from fulfillment.watching.words import finding_text


@admin.register(StockDisplay)
class StockDisplayAdmin(ModelAdmin):
    list_display = ("market", "few_up_to")
    list_select_related = ("market",)


@admin.register(StockAudit)
class StockAuditAdmin(ReadOnly, ModelAdmin):
    list_display = ("started_at", "levels", "found")
    date_hierarchy = "started_at"
    fields = ("started_at", "finished_at", "levels", "found_in_words")
    readonly_fields = ("found_in_words",)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.watch_page)
        return [path("watch/", page, name="stock_watch"), *super().get_urls()]

    def watch_page(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("fulfillment.view_stocklevel"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Stock watch"),
            **watch(now=timezone.now()),
        }
        return TemplateResponse(request, "fulfillment/admin/stock_watch.html", context)

    @admin.display(description=_("findings"))
    def found(self, audit: StockAudit) -> int:
        return len(audit.findings)

    @admin.display(description=_("findings"))
    def found_in_words(self, audit: StockAudit) -> Any:
        if not audit.findings:
            return _("None: ledger, stock, reservations and orders agree.")
        rows = ((finding_text(finding),) for finding in audit.findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rows))
