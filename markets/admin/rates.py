from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from markets.admin.history import AppendOnlyAdmin
from markets.admin.rate_forms import DecisionForm, ManualRateForm
from markets.admin.rate_pages import history, rates_in_force
from markets.exchange import (
    MANUAL,
    AlreadyDecided,
    CannotBeApproved,
    approve_rate,
    reject_rate,
    set_manual_rate,
    withdraw_manual_rate,
)
from markets.models import ExchangeRate, RateAlarm
from markets.pricing import derive_prices


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AppendOnlyAdmin):
    form = ManualRateForm
    list_display = (
        "as_of", "provider", "base", "quote", "rate", "given", "status", "problem", "fetched_at",
        "decided_by",
    )  # fmt: skip
    list_filter = ("status", "problem", "provider", "quote")
    list_select_related = ("decided_by",)
    list_before_template = "markets/admin/_rates_in_force.html"
    date_hierarchy = "as_of"
    search_fields = ("quote",)
    actions: ClassVar = ["approve", "reject", "withdraw"]

    def get_fields(self, request: HttpRequest, obj: ExchangeRate | None = None) -> Any:
        if obj is None:
            return ["currency", "new_rate", "through", "why", "is_sure"]
        return [
            "provider", "base", "quote", "rate", "given", "as_of", "last_day", "fetched_at",
            "status", "problem", "reason", "decided_by", "decided_at", "replaced_at",
        ]  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.history_of_currency)
        urls: list[URLPattern] = super().get_urls()
        return [path("history/", page, name="markets_exchangerate_chart"), *urls]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"in_force": rates_in_force(now=timezone.now())} if request.method == "GET" else {}
        answer: HttpResponse = super().changelist_view(request, {**shown, **(extra_context or {})})
        return answer

    def history_of_currency(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of a rate"),
            "opts": self.opts,
            **history(request),
        }
        return TemplateResponse(request, "markets/admin/rate_history.html", context)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("markets.change_exchangerate"))

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:
        now, data = timezone.now(), form.cleaned_data
        row = set_manual_rate(
            data["currency"],
            data["new_rate"],
            last_day=data["through"],
            reason=data["why"],
            now=now,
            user_id=request.user.pk,
        )
        obj.pk = row.pk
        obj.refresh_from_db()
        derive_prices(now=now)

    @admin.action(description=_("Approve…"), permissions=["decide"])
    def approve(
        self, request: HttpRequest, queryset: QuerySet[ExchangeRate]
    ) -> HttpResponse | None:
        form = DecisionForm(request.POST if "decided" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, queryset, form=form, action="approve")
        now, accepted, left = timezone.now(), 0, 0
        # Oldest first: with one that is approved the later ones near it are.
        for rate_id in list(queryset.order_by("as_of", "pk").values_list("pk", flat=True)):
            try:
                accepted += len(
                    approve_rate(
                        rate_id,
                        now=now,
                        user_id=request.user.pk,
                        reason=form.cleaned_data["reason"],
                    )
                )
            except (AlreadyDecided, CannotBeApproved):
                left += 1
        changed = derive_prices(now=now) if accepted else 0
        self._tell(
            request,
            ngettext("%d rate accepted.", "%d rates accepted.", accepted) % accepted,
            ngettext("%d price changed.", "%d prices changed.", changed) % changed,
            left=0 if accepted else left,
        )
        return None

    @admin.action(description=_("Reject…"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> HttpResponse | None:
        form = DecisionForm(request.POST if "decided" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, queryset, form=form, action="reject")
        now, rejected, left = timezone.now(), 0, 0
        for rate_id in list(queryset.order_by("as_of", "pk").values_list("pk", flat=True)):
            try:
                reject_rate(
                    rate_id,
                    now=now,
                    user_id=request.user.pk,
                    reason=form.cleaned_data["reason"],
                )
                rejected += 1
            except AlreadyDecided:
                left += 1
        self._tell(
            request,
            ngettext("%d rate rejected.", "%d rates rejected.", rejected) % rejected,
            left=left,
        )
        return None

    @admin.action(description=_("End rates set by hand"), permissions=["decide"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> None:
        now = timezone.now()
        ended = 0
        for row in queryset.filter(provider=MANUAL):
            if withdraw_manual_rate(row.pk, now=now):
                self.log_change(request, row, [{"changed": {"fields": ["replaced at"]}}])
                ended += 1
        if ended:
            derive_prices(now=now)
        self._tell(request, ngettext("%d rate ended.", "%d rates ended.", ended) % ended)

    def _ask(
        self,
        request: HttpRequest,
        queryset: QuerySet[ExchangeRate],
        *,
        form: DecisionForm,
        action: str,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Approve rates") if action == "approve" else _("Reject rates"),
            "opts": self.opts,
            "action": action,
            "form": form,
            "rows": queryset.filter(status=ExchangeRate.Status.QUARANTINED).order_by("as_of"),
        }
        return TemplateResponse(request, "markets/admin/decide_rates.html", context)

    def _tell(self, request: HttpRequest, *sentences: str, left: int = 0) -> None:
        if left:
            more = gettext("Some are decided already, or no rate that can be used.")
            sentences = (*sentences, more)
        self.message_user(request, " ".join(sentences))


@admin.register(RateAlarm)
class RateAlarmAdmin(AppendOnlyAdmin):
    list_display = (
        "kind", "provider", "currency", "detail", "raised_at", "cleared_at", "cleared_by",
    )  # fmt: skip
    list_filter = ("kind", "provider", ("cleared_at", admin.EmptyFieldListFilter))
    list_select_related = ("cleared_by",)
    search_fields = ("currency", "detail")
    actions: ClassVar = ["clear"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("markets.change_ratealarm"))

    @admin.action(description=_("Clear: seen and settled"), permissions=["decide"])
    def clear(self, request: HttpRequest, queryset: QuerySet[RateAlarm]) -> None:
        cleared = queryset.filter(cleared_at=None).update(
            cleared_at=timezone.now(), cleared_by_id=request.user.pk
        )
        self.message_user(
            request, ngettext("%d alarm cleared.", "%d alarms cleared.", cleared) % cleared
        )
