from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from orders.models import Cart, CartLine, EventDelivery


class CartLineInline(TabularInline):
    model = CartLine
    extra = 0
    can_delete = False
    readonly_fields = ("variant", "quantity", "added_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Cart)
class CartAdmin(ModelAdmin):
    list_display = ("id", "market", "email", "status", "changed_at")
    list_filter = ("status", "market")
    search_fields = ("email",)
    inlines: ClassVar = [CartLineInline]
    readonly_fields = (
        "market", "user", "status", "language", "email", "shipping_address", "billing_address",
        "delivery_option", "coupon", "priced_at", "prices_held_until", "created_at", "changed_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EventDelivery)
class EventDeliveryAdmin(ModelAdmin):
    """Where an operator sees what is stuck, and starts it again."""

    list_display = ("event", "order", "subscriber", "status", "attempts", "error")
    list_filter = ("status", "subscriber")
    search_fields = ("event__order__number",)
    list_select_related = ("event__order",)
    actions: ClassVar = ["try_again"]

    @admin.display(ordering="event__order")
    def order(self, delivery: EventDelivery) -> str:
        return delivery.event.order.number

    @admin.action(description=_("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> None:
        started = queryset.exclude(status=EventDelivery.Status.DONE).update(
            status=EventDelivery.Status.PENDING, leased_until=None, attempts=0
        )
        self.message_user(
            request,
            ngettext("%d delivery starts again.", "%d deliveries start again.", started) % started,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
