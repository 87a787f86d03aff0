"""Admin pages that show several rooms at once: an order with its payments and parcels."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from fulfillment.models import Return, Shipment
from markets.money import format_money
from orders.addresses import format_address
from orders.errors import StaleTransition
from orders.models import Order, OrderCharge, OrderEvent, OrderLine
from orders.transitions import cancel_order, lock_order, release_order
from payments.models import Payment


class _ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OrderLineInline(_ReadOnlyInline):
    model = OrderLine
    fields = ("sku", "title", "options", "quantity", "unit_price", "net", "tax", "gross")
    show_change_link = False


class OrderChargeInline(_ReadOnlyInline):
    model = OrderCharge
    fields = ("kind", "label", "net", "tax", "gross")
    show_change_link = False


class PaymentInline(_ReadOnlyInline):
    model = Payment
    fields = ("method", "status", "amount", "captured", "refunded", "failure", "created_at")


class ShipmentInline(_ReadOnlyInline):
    model = Shipment
    fields = ("number", "warehouse", "service", "status", "tracking_number", "promised_to")


class ReturnInline(_ReadOnlyInline):
    model = Return
    fields = ("number", "status", "requested_at", "received_at")


class OrderEventInline(_ReadOnlyInline):
    model = OrderEvent
    fields = ("occurred_at", "kind", "data")
    show_change_link = False


@admin.register(Order)
class OrderAdmin(ModelAdmin):
    list_display = (
        "number", "market", "email", "total_shown", "status", "payment_status",
        "fulfillment_status", "placed_at",
    )  # fmt: skip
    list_filter = ("status", "payment_status", "fulfillment_status", "market")
    search_fields = ("number", "email", "shipping_address__name", "lines__sku")
    date_hierarchy = "placed_at"
    list_select_related = ("market",)
    inlines: ClassVar = [
        OrderLineInline,
        OrderChargeInline,
        PaymentInline,
        ShipmentInline,
        ReturnInline,
        OrderEventInline,
    ]
    actions: ClassVar = ["release", "cancel"]
    fieldsets: ClassVar = [
        (None, {"fields": (
            "number", "status", "payment_status", "fulfillment_status", "risk_shown", "placed_at",
        )}),
        (_("Shopper"), {"fields": ("email", "language", "ship_to", "bill_to", "ip_address")}),
        (_("Agreed"), {"fields": (
            "market", "delivery_option", "promised_from", "promised_to", "net", "tax", "gross",
            "currency",
        )}),
        (_("Routing"), {"fields": ("routing_shown",)}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Nothing of an order is changed by hand: what it shows is what can be read.
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("total"), ordering="gross")
    def total_shown(self, order: Order) -> str:
        return format_money(order.gross, order.currency, "en")

    @admin.display(description=_("delivery to"))
    def ship_to(self, order: Order) -> str:
        return _lines(format_address(order.shipping_address))

    @admin.display(description=_("bill to"))
    def bill_to(self, order: Order) -> str:
        return _lines(format_address(order.billing_address))

    @admin.display(description=_("risk"))
    def risk_shown(self, order: Order) -> str:
        risk = getattr(order, "risk", None)
        if risk is None:
            return "–"
        reasons = ", ".join(_reason(reason) for reason in risk.reasons)
        return f"{risk.score} · {risk.get_decision_display()} {reasons and '· ' + reasons}"

    @admin.display(description=_("plan"))
    def routing_shown(self, order: Order) -> str:
        routing = getattr(order, "routing", None)
        if routing is None:
            return "–"
        return format_html(
            "{} {}, € {} <pre>{}</pre>",
            routing.parcels,
            _("parcels"),
            routing.cost,
            "\n".join(str(part) for part in [routing.plan, *routing.rejected]),
        )

    @admin.action(description=_("Release to fulfilment"))
    def release(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, lambda order: release_order(
            order, now=timezone.now(), by=str(request.user)
        ))  # fmt: skip

    @admin.action(description=_("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, queryset, lambda order: cancel_order(
            order, now=timezone.now(), reason=f"staff: {request.user}"
        ))  # fmt: skip

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Order], change: Callable[[Order], object]
    ) -> None:
        for order_id in queryset.values_list("pk", flat=True):
            try:
                with transaction.atomic():
                    change(lock_order(order_id))
            except StaleTransition as error:
                self.message_user(request, str(error), messages.ERROR)


def _lines(lines: list[str]) -> str:
    return format_html_join("", "{}<br>", ((line,) for line in lines))


def _reason(reason: object) -> str:
    return str(reason.get("code", reason)) if isinstance(reason, dict) else str(reason)
