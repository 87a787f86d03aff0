from collections.abc import Callable
from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from fulfillment.admin.readonly import ReadOnly
from fulfillment.models import Return, ReturnLine
from fulfillment.returns import approve_return, reject_return
from orders.errors import StaleTransition


class ReturnLineInline(ReadOnly, TabularInline):
    model = ReturnLine
    extra = 0
    fields = ("order_line", "quantity", "reason", "received", "grade", "disposition", "amount")


@admin.register(Return)
class ReturnAdmin(ReadOnly, ModelAdmin):
    """Returns are received, graded and refunded in the ops console; here they are decided on."""

    list_display = ("number", "order", "status", "warehouse", "requested_at", "refund")
    list_filter = ("status", "warehouse")
    list_select_related = ("order", "warehouse", "refund")
    search_fields = ("number", "order__number", "order__email")
    date_hierarchy = "requested_at"
    exclude = ("token",)
    inlines: ClassVar = [ReturnLineInline]
    actions: ClassVar = ["approve", "reject"]

    @admin.action(description=_("Approve"), permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Return]) -> None:
        self._decide(request, queryset, approve_return)

    @admin.action(description=_("Reject"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Return]) -> None:
        self._decide(request, queryset, reject_return)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("fulfillment.change_return")

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Return], decide: Callable[..., None]
    ) -> None:
        decided = 0
        for return_id in list(queryset.values_list("pk", flat=True)):
            try:
                decide(return_id, now=timezone.now())
            except StaleTransition:
                continue
            decided += 1
        self.message_user(
            request,
            ngettext("%d return was decided.", "%d returns were decided.", decided) % decided,
        )
