from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from markets.admin.history import AppendOnlyAdmin
from markets.models import TaxIdCheck


@admin.register(TaxIdCheck)
class TaxIdCheckAdmin(AppendOnlyAdmin):
    list_display = (
        "number", "outcome", "reason", "name", "consultation_number", "source", "checked_at",
    )  # fmt: skip
    list_filter = ("outcome", "source", "country")
    date_hierarchy = "checked_at"
    search_fields = ("number", "consultation_number", "name")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
