from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, TabularInline

from payments.capturing import confirm_bank_transfer
from payments.errors import PaymentError
from payments.following import refresh_payment
from payments.inbox import replay_event
from payments.models import (
    MethodOffer,
    Payment,
    PaymentMethod,
    Refund,
    RiskAssessment,
    WebhookEvent,
)
from payments.refunding import confirm_paid_back, refresh_refund, retry_refund


class _ReadOnly:
    """Rows that only the use cases write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Say who may start the actions, which no form of the page covers."""
        options = self.model._meta  # type: ignore[attr-defined]
        user: Any = request.user
        return bool(user.has_perm(f"{options.app_label}.change_{options.model_name}"))


class MethodOfferInline(TabularInline):
    model = MethodOffer
    extra = 0
    fields = ("market", "countries", "min_amount", "max_amount", "payee", "position")


_LANGUAGE_TABS: list[tuple[str, Any]] = [
    (name, {"classes": ["tab"], "fields": [
        build_localized_fieldname(field, language) for field in ("name", "hint")
    ]})
    for language, name in settings.LANGUAGES
]  # fmt: skip


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]
    list_display = (
        "code", "name", "gateway", "gateway_type", "captures_later", "settles_later",
        "refundable", "is_active", "discontinued_on",
    )  # fmt: skip
    list_filter = ("gateway", "is_active", "captures_later")
    search_fields = ("code", "name", "gateway_type")
    inlines: ClassVar = [MethodOfferInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # The shop makes the one for orders that cost nothing, and its payments hold it to that.
        is_for_nothing = obj is not None and obj.gateway == PaymentMethod.Gateway.NOTHING
        return ("code", "gateway", "gateway_type") if is_for_nothing else ()

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gateway":
            kwargs["choices"] = [
                choice
                for choice in db_field.get_choices()
                if choice[0] != PaymentMethod.Gateway.NOTHING
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    fieldsets: ClassVar = [
        (None, {"fields": ("code", "gateway", "gateway_type", "is_active", "discontinued_on")}),
        (_("What it can do"), {"fields": (
            "captures_later", "settles_later", "refundable", "pay_within_hours",
        )}),
        *_LANGUAGE_TABS,
    ]  # fmt: skip


class RefundInline(_ReadOnly, TabularInline):
    model = Refund
    extra = 0
    fields = ("amount", "status", "reason", "operation_key", "gateway_refund", "failure")
    readonly_fields = fields


@admin.register(Payment)
class PaymentAdmin(_ReadOnly, ModelAdmin):
    list_display = (
        "order", "method", "status", "amount", "captured", "refunded", "failure", "created_at",
    )  # fmt: skip
    list_filter = ("status", "method")
    search_fields = ("order__number", "order__email", "gateway_payment", "gateway_session")
    list_select_related = ("order", "method")
    inlines: ClassVar = [RefundInline]
    actions: ClassVar = ["confirm_transfer", "ask_gateway"]
    fields = (
        "order", "method", "status", "amount", "captured", "refunded", "failure",
        "gateway_payment", "gateway_session", "operation_key", "expires_at",
        "capture_requested_at", "void_requested_at", "created_at", "changed_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.action(description=_("Confirm bank transfer"), permissions=["operate"])
    def confirm_transfer(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        _each(self, request, queryset, lambda payment: confirm_bank_transfer(
            payment.order_id, amount=payment.amount, now=timezone.now()
        ))  # fmt: skip

    @admin.action(description=_("Ask the gateway"), permissions=["operate"])
    def ask_gateway(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        _each(self, request, queryset, lambda payment: refresh_payment(
            payment.pk, now=timezone.now()
        ))  # fmt: skip


@admin.register(Refund)
class RefundAdmin(_ReadOnly, ModelAdmin):
    list_display = ("order", "amount", "status", "reason", "failure", "created_at")
    list_filter = ("status",)
    search_fields = ("payment__order__number", "operation_key", "gateway_refund")
    list_select_related = ("payment__order",)
    actions: ClassVar = ["paid_back", "ask_gateway", "try_again"]

    @admin.display(description=_("order"), ordering="payment__order")
    def order(self, refund: Refund) -> str:
        return refund.payment.order.number

    @admin.action(description=_("Confirm that it was paid back"), permissions=["operate"])
    def paid_back(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        _each(self, request, queryset, lambda refund: confirm_paid_back(
            refund.pk, now=timezone.now()
        ))  # fmt: skip

    @admin.action(description=_("Ask the gateway"), permissions=["operate"])
    def ask_gateway(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        _each(self, request, queryset, lambda refund: refresh_refund(
            refund.pk, now=timezone.now()
        ))  # fmt: skip

    @admin.action(description=_("Try again"), permissions=["operate"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        _each(self, request, queryset, lambda refund: retry_refund(
            refund.pk, now=timezone.now()
        ))  # fmt: skip


@admin.register(WebhookEvent)
class WebhookEventAdmin(_ReadOnly, ModelAdmin):
    list_display = (
        "event_id", "kind", "object_id", "received_at", "processed_at", "attempts", "error",
    )  # fmt: skip
    list_filter = ("kind", ("processed_at", admin.EmptyFieldListFilter))
    search_fields = ("event_id", "object_id")
    actions: ClassVar = ["replay"]

    @admin.action(description=_("Apply again"), permissions=["operate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        for key in keys:
            replay_event(key)
        self.message_user(
            request,
            ngettext("%d event is applied again.", "%d events are applied again.", len(keys))
            % len(keys),
        )


@admin.register(RiskAssessment)
class RiskAssessmentAdmin(_ReadOnly, ModelAdmin):
    list_display = ("order", "score", "decision", "codes", "rules_version", "assessed_at")
    list_filter = ("decision", "rules_version")
    search_fields = ("order__number", "order__email")
    list_select_related = ("order",)

    @admin.display(description=_("reasons"))
    def codes(self, assessment: RiskAssessment) -> str:
        return ", ".join(f"{reason['code']} +{reason['points']}" for reason in assessment.reasons)


def _each(
    page: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    step: Callable[[Any], Model],
) -> None:
    """Do a step with each row; what is refused is said and the rest goes on."""
    for row in queryset:
        try:
            page.message_user(request, str(step(row)), messages.SUCCESS)
        except PaymentError as error:
            page.message_user(request, f"{row}: {error}", messages.ERROR)
