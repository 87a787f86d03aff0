from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from orders.models import Invoice, InvoiceLine
from storefront.wording import amount_text


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvoiceLineInline(_ReadOnly, TabularInline):
    model = InvoiceLine
    extra = 0
    fields = (
        "label", "quantity", "net", "tax", "gross", "percent", "tax_name", "regime", "jurisdiction",
    )  # fmt: skip


@admin.register(Invoice)
class InvoiceAdmin(_ReadOnly, ModelAdmin):
    """Documents as they were issued; what is wrong is corrected by a credit note."""

    list_display = ("reference", "kind", "order", "issued_on", "total", "files")
    list_filter = ("kind", "issued_on", "currency")
    list_select_related = ("order",)
    search_fields = ("reference", "order__number", "order__email")
    inlines: ClassVar = [InvoiceLineInline]
    fields = (
        "reference", "kind", "files", "order", "corrects", "issued_at", "supplied_on", "total",
        "net", "tax", "tax_currency", "tax_rate", "tax_rate_source", "tax_converted",
    )  # fmt: skip
    readonly_fields = ("files", "total")

    @admin.display(description=_("total"), ordering="gross")
    def total(self, invoice: Invoice) -> str:
        return amount_text(invoice.gross, invoice.currency)

    @admin.display(description=_("document"))
    def files(self, invoice: Invoice) -> SafeString:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">PDF</a>',
            reverse("staff-documents:page", args=[invoice.reference]),
            _("Look at it"),
            reverse("staff-documents:pdf", args=[invoice.reference]),
        )
