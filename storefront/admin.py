"""Admin pages that show several rooms at once: an order with its payments and parcels."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from orders.addresses import format_address
from orders.errors import StaleTransition
from orders.models import Order
from orders.transitions import cancel_order, lock_order, release_order
from storefront.admin_order import INLINES, OrderWords, address_shown
from storefront.tax_reports import admin as tax_reports  # noqa: F401 - registers its pages

_GONE = (
    Order.FulfillmentStatus.PART_SHIPPED,
    Order.FulfillmentStatus.SHIPPED,
    Order.FulfillmentStatus.DELIVERED,
)
_OPEN = (Order.Status.PLACED, Order.Status.ON_HOLD, Order.Status.RELEASED)


@admin.register(Order)
class OrderAdmin(OrderWords, ModelAdmin):
    list_display = (
        "number", "market", "email", "total_shown", "status", "payment_status",
        "fulfillment_status", "placed_at",
    )  # fmt: skip
    list_filter = ("status", "payment_status", "fulfillment_status", "market")
    search_fields = ("number", "email", "shipping_address__name", "lines__sku")
    date_hierarchy = "placed_at"
    list_select_related = ("market",)
    inlines: ClassVar = INLINES
    actions: ClassVar = ["release", "cancel"]
    change_form_outer_before_template = "admin/orders/order/decisions.html"
    fieldsets: ClassVar = [
        (None, {"fields": (
            "number", "status", "payment_status", "fulfillment_status", "risk_shown", "placed_at",
        )}),
        (gettext_lazy("Shopper"), {"fields": (
            "email", "language", "ship_to", "bill_to", "ip_address",
        )}),
        (gettext_lazy("Agreed"), {"fields": (
            "market", "delivery_option", "promised_from", "promised_to", "priced_at", "net_shown",
            "tax_shown", "total_shown",
        )}),
        (gettext_lazy("Routing"), {"fields": ("routing_shown",)}),
        (gettext_lazy("What happened"), {"fields": ("events_shown",)}),
    ]  # fmt: skip
    readonly_fields = (
        *OrderWords.shown, "ship_to", "bill_to", "net_shown", "tax_shown", "total_shown",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Nothing of an order is changed by hand; it is released or cancelled.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    @admin.display(description=gettext_lazy("delivery to"))
    def ship_to(self, order: Order) -> str:
        return address_shown(format_address(order.shipping_address))

    @admin.display(description=gettext_lazy("bill to"))
    def bill_to(self, order: Order) -> str:
        return address_shown(format_address(order.billing_address))

    @admin.action(description=gettext_lazy("Release to fulfilment"), permissions=["decide"])
    def release(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, _release, done=_("%(number)s is released."))

    @admin.action(description=gettext_lazy("Cancel"), permissions=["decide"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(
            request,
            queryset,
            _cancel,
            done=_("%(number)s is cancelled. The shopper gets the money back."),
        )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Order],
        decide: Callable[[Order, str], object],
        *,
        done: str,
    ) -> None:
        """Decide on each order; what is refused is said and the rest goes on."""
        for order_id, number in list(queryset.values_list("pk", "number")):
            try:
                with transaction.atomic():
                    decide(lock_order(order_id), _name(request))
            except StaleTransition:
                self.message_user(request, _refusal(order_id), messages.ERROR)
            else:
                self.message_user(request, done % {"number": number}, messages.SUCCESS)


def _release(order: Order, name: str) -> None:
    release_order(order, now=timezone.now(), by=name)


def _cancel(order: Order, name: str) -> None:
    cancel_order(order, now=timezone.now(), reason=f"staff: {name}")


def _refusal(order_id: int) -> str:
    """Say why nothing was decided, by how the order stands now."""
    order = Order.objects.get(pk=order_id)
    words = {"number": order.number, "state": order.get_status_display()}
    if order.status in _OPEN and order.fulfillment_status in _GONE:
        return (
            _("Nothing changed: a parcel of %(number)s has left. Take it back as a return.") % words
        )
    return _("Nothing changed: %(number)s is already in the state “%(state)s”.") % words


def _name(request: HttpRequest) -> str:
    user = request.user
    return str(getattr(user, "get_full_name", str)() or user)
