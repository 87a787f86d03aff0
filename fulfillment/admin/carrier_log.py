from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from fulfillment.admin.readonly import ReadOnly
from fulfillment.carriers.inbox import replay_event
from fulfillment.models import CarrierEvent, ShipmentLabel


@admin.register(ShipmentLabel)
class ShipmentLabelAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "shipment", "service", "status", "tracking_number", "cost", "tries", "next_try_at",
        "requested_at", "error",
    )  # fmt: skip
    list_filter = ("status", "is_refused", "service__carrier")
    list_select_related = ("shipment", "service__carrier")
    search_fields = ("tracking_number", "shipment__number", "carrier_reference")
    exclude = ("document",)
    date_hierarchy = "requested_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShipmentLabel]:
        labels: QuerySet[ShipmentLabel] = super().get_queryset(request)
        return labels.defer("document")


@admin.register(CarrierEvent)
class CarrierEventAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "event_id", "carrier", "tracking_number", "kind", "occurred_at", "received_at",
        "applied_at", "tries", "error",
    )  # fmt: skip
    list_filter = ("carrier", "kind", ("applied_at", admin.EmptyFieldListFilter))
    list_select_related = ("carrier",)
    search_fields = ("event_id", "tracking_number")
    actions: ClassVar = ["replay"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("fulfillment.change_carrierevent"))

    @admin.action(description=_("Apply again"), permissions=["operate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[CarrierEvent]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        for key in keys:
            replay_event(key)
        self.message_user(
            request,
            ngettext("%d event is applied again.", "%d events are applied again.", len(keys))
            % len(keys),
        )
