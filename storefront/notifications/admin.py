from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from storefront.notifications.models import SentMessage


@admin.register(SentMessage)
class SentMessageAdmin(ModelAdmin):
    list_display = ("subject", "kind", "language", "recipient", "sent_at")
    list_filter = ("kind", "language")
    search_fields = ("order__number", "recipient", "subject")
    fields = ("order", "kind", "language", "recipient", "subject", "text", "sent_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
