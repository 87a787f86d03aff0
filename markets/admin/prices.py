from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from babel.numbers import format_percent
from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSplitDateTimeWidget

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.models import BasePrice, Price, PriceProposal
from markets.money import InexactAmount, format_money, to_minor
from markets.pricing import (
    approve_proposals,
    clear_manual_price,
    derive_prices,
    reject_proposals,
    set_base_price,
    set_manual_price,
)
from markets.ranges import in_force


def _starts_at() -> forms.SplitDateTimeField:
    return forms.SplitDateTimeField(
        label=_("valid from"),
        required=False,
        help_text=_("Empty is now."),
        widget=UnfoldAdminSplitDateTimeWidget,
    )


def _start(form: forms.Form) -> datetime:
    """Give the moment from which a price is wanted: not before now, what is past stays."""
    now = timezone.now()
    return max(form.cleaned_data.get("starts_at") or now, now)


class ManualPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    new_amount = forms.DecimalField(
        label=_("amount"),
        max_digits=14,
        decimal_places=3,
        help_text=_("In the market's currency; with tax where its prices have it."),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    starts_at = _starts_at()

    class Meta:
        model = Price
        fields = ("variant", "market")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("market") and "new_amount" in data:
            try:
                _check_amount(Money(data["new_amount"], data["market"].currency))
            except ValidationError as error:
                self.add_error("new_amount", error)
        return data


@admin.register(Price)
class PriceAdmin(AppendOnlyAdmin):
    form = ManualPriceForm
    list_display = (
        "variant", "market", "kind", "amount", "reason", "conversion", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("market", "kind", InForceFilter)
    list_select_related = ("variant", "market")
    search_fields = ("variant__sku", "variant__product__title")
    raw_id_fields = ("variant",)
    actions: ClassVar = ["derive_again", "clear_manual"]

    def get_fields(self, request: HttpRequest, obj: Price | None = None) -> Any:
        if obj is None:
            return ["variant", "market", "new_amount", "starts_at"]
        return [
            "variant", "market", "kind", "amount", "reason", "base_price", "rate", "conversion",
            "buffer", "target", "floor", "valid_from", "valid_to",
        ]  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        amount = form.cleaned_data["new_amount"]
        price = set_manual_price(obj.variant_id, obj.market, amount, now=_start(form))
        obj.pk, obj.amount = price.pk, price.amount

    @admin.action(description=_("Derive prices again"), permissions=["add"])
    def derive_again(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        changed = derive_prices(
            now=timezone.now(),
            variant_ids=set(queryset.values_list("variant_id", flat=True)),
            market_ids=set(queryset.values_list("market_id", flat=True)),
        )
        self.message_user(
            request, ngettext("%d price changed.", "%d prices changed.", changed) % changed
        )

    @admin.action(description=_("End prices set by hand"), permissions=["add"])
    def clear_manual(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        now, derived = timezone.now(), 0
        # What is past or planned says nothing of the price in force.
        manual = queryset.filter(
            in_force(now), kind=Price.Kind.MANUAL, group__isnull=True, min_quantity=1
        ).select_related("market")
        # In the order in which every run locks markets.
        pairs = {(row.market_id, row.variant_id): row.market for row in manual}
        for (_market_id, variant_id), market in sorted(pairs.items(), key=lambda item: item[0]):
            price = clear_manual_price(variant_id, market, now=now)
            derived += price is not None and price.kind == Price.Kind.DERIVED
        self.message_user(
            request,
            ngettext("%d price is derived now.", "%d prices are derived now.", derived) % derived,
        )


class BasePriceForm(forms.ModelForm):  # type: ignore[type-arg]
    starts_at = _starts_at()

    class Meta:
        model = BasePrice
        fields = ("variant", "amount", "cost")

    def clean_amount(self) -> Money:
        amount: Money = self.cleaned_data["amount"]
        _check_amount(amount)
        return amount


@admin.register(BasePrice)
class BasePriceAdmin(AppendOnlyAdmin):
    form = BasePriceForm
    list_display = ("variant", "amount", "cost", "valid_from", "valid_to")
    list_filter = ("amount_currency", InForceFilter)
    list_select_related = ("variant",)
    search_fields = ("variant__sku", "variant__product__title")
    raw_id_fields = ("variant",)
    actions: ClassVar = ["derive_again"]

    def get_fields(self, request: HttpRequest, obj: BasePrice | None = None) -> Any:
        fields = ["variant", "amount", "cost"]
        return [*fields, *(["starts_at"] if obj is None else ["valid_from", "valid_to"])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start in the currency of the last base price: a merchant has one."""
        last = BasePrice.objects.order_by("-pk").values_list("amount_currency", flat=True).first()
        amount = {"amount": [None, last]} if last else {}
        return {**amount, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: BasePrice, form: Any, change: bool) -> None:
        start = _start(form)
        price = set_base_price(obj.variant_id, obj.amount, cost=obj.cost, now=start)
        obj.pk = price.pk
        # What is planned is derived by the sweep when its time comes.
        if start <= timezone.now():
            derive_prices(now=start, variant_ids=[obj.variant_id])

    @admin.action(description=_("Derive prices again"), permissions=["add"])
    def derive_again(self, request: HttpRequest, queryset: QuerySet[BasePrice]) -> None:
        variants = set(queryset.values_list("variant_id", flat=True))
        changed = derive_prices(now=timezone.now(), variant_ids=variants)
        self.message_user(
            request, ngettext("%d price changed.", "%d prices changed.", changed) % changed
        )


class StatusFilter(admin.SimpleListFilter):
    """Shows what waits, unless another status is asked for."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("all")), *PriceProposal.Status.choices]

    def value(self) -> str | None:
        return super().value() or PriceProposal.Status.PENDING

    def choices(self, changelist: Any) -> Any:
        # Without the entry for all of them that Django puts first.
        return list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        status = self.value()
        return queryset if status == "all" else queryset.filter(status=status)


@admin.register(PriceProposal)
class PriceProposalAdmin(AppendOnlyAdmin):
    list_display = (
        "variant", "market", "old", "new", "change", "margin", "reason", "status", "created_at",
    )  # fmt: skip
    list_filter = (StatusFilter, "market", "reason")
    list_select_related = ("variant", "market")
    search_fields = ("variant__sku", "variant__product__title")
    actions: ClassVar = ["approve", "reject"]
    fields = (
        "variant", "market", "old", "new", "change", "margin", "reason", "base_price", "rate",
        "conversion", "buffer", "target", "floor", "status", "created_at", "decided_at",
        "decided_by",
    )  # fmt: skip
    readonly_fields = ("old", "new", "change", "margin")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Say who may approve; nobody edits a proposal, so the right to change means that."""
        user: Any = request.user
        return bool(user.has_perm("markets.change_priceproposal"))

    @admin.display(description=_("old"), ordering="old_amount")
    def old(self, row: PriceProposal) -> str:
        return self._money(row.old_amount, row)

    @admin.display(description=_("new"), ordering="new_amount")
    def new(self, row: PriceProposal) -> str:
        return self._money(row.new_amount, row)

    @admin.display(description=_("change"))
    def change(self, row: PriceProposal) -> str:
        return _percent(row.new_amount / row.old_amount - 1, sign="+")

    @admin.display(description=_("margin"))
    def margin(self, row: PriceProposal) -> str:
        if row.old_margin is None or row.new_margin is None:
            return "—"
        return f"{_percent(row.old_margin)} → {_percent(row.new_margin)}"

    def _money(self, amount: Decimal, row: PriceProposal) -> str:
        return format_money(amount, row.market.currency, _locale())

    @admin.action(description=_("Approve: set the new prices now"), permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet[PriceProposal]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        user: Any = request.user
        changed = approve_proposals(ids, by=user, now=timezone.now())
        words = ngettext("%d price changed.", "%d prices changed.", changed) % changed
        # What was decided since the page was opened is not in the list any more.
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if left := max(len(ids), len(selected)) - changed:
            more = ngettext("%d proposal no longer applies.", "%d proposals no longer apply.", left)
            words = f"{words} {more % left}"
        self.message_user(request, words)

    @admin.action(description=_("Reject: leave the prices as they are"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[PriceProposal]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        user: Any = request.user
        count = reject_proposals(ids, by=user, now=timezone.now())
        self.message_user(
            request,
            ngettext("%d proposal rejected.", "%d proposals rejected.", count) % count,
        )


def _percent(fraction: Decimal, *, sign: str = "") -> str:
    pattern = f"{sign}#,##0.0 %;-#,##0.0 %"
    return str(format_percent(fraction, format=pattern, locale=_locale()))


def _locale() -> str:
    return to_locale(get_language() or "en")


def _check_amount(amount: Money) -> None:
    try:
        minor = to_minor(amount.amount, str(amount.currency))
    except InexactAmount as error:
        raise ValidationError(
            _("%(amount)s is finer than the currency can be paid in."),
            params={"amount": amount.amount},
        ) from error
    if minor <= 0:
        raise ValidationError(_("A price is more than zero."))
