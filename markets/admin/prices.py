from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from djmoney.money import Money
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.models import BasePrice, Price
from markets.money import InexactAmount, to_minor
from markets.pricing import (
    clear_manual_price,
    derive_prices,
    set_base_price,
    set_manual_price,
)


class ManualPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    new_amount = forms.DecimalField(
        label=_("amount"),
        help_text=_("In the market's currency, from now on; with tax where its prices have it."),
        widget=UnfoldAdminDecimalFieldWidget,
    )

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
    list_display = ("variant", "market", "kind", "amount", "conversion", "valid_from", "valid_to")
    list_filter = ("market", "kind", InForceFilter)
    list_select_related = ("variant", "market")
    search_fields = ("variant__sku", "variant__product__title")
    raw_id_fields = ("variant",)
    actions: ClassVar = ["derive_again", "clear_manual"]

    def get_fields(self, request: HttpRequest, obj: Price | None = None) -> Any:
        if obj is None:
            return ["variant", "market", "new_amount"]
        return [
            "variant", "market", "kind", "amount", "base_price", "rate", "conversion",
            "valid_from", "valid_to",
        ]  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        amount = form.cleaned_data["new_amount"]
        price = set_manual_price(obj.variant_id, obj.market, amount, now=timezone.now())
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
        manual = queryset.filter(kind=Price.Kind.MANUAL).select_related("market")
        # In the order in which every run locks markets.
        pairs = {(row.market_id, row.variant_id): row.market for row in manual}
        for (_market_id, variant_id), market in sorted(pairs.items(), key=lambda item: item[0]):
            clear_manual_price(variant_id, market, now=timezone.now())
        self.message_user(
            request,
            ngettext("%d price is derived now.", "%d prices are derived now.", len(pairs))
            % len(pairs),
        )


class BasePriceForm(forms.ModelForm):  # type: ignore[type-arg]
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
        return fields if obj is None else [*fields, "valid_from", "valid_to"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start in the currency of the last base price: a merchant has one."""
        last = BasePrice.objects.order_by("-pk").values_list("amount_currency", flat=True).first()
        amount = {"amount": [None, last]} if last else {}
        return {**amount, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: BasePrice, form: Any, change: bool) -> None:
        now = timezone.now()
        price = set_base_price(obj.variant_id, obj.amount, cost=obj.cost, now=now)
        obj.pk = price.pk
        derive_prices(now=now, variant_ids=[obj.variant_id])

    @admin.action(description=_("Derive prices again"), permissions=["add"])
    def derive_again(self, request: HttpRequest, queryset: QuerySet[BasePrice]) -> None:
        variants = set(queryset.values_list("variant_id", flat=True))
        changed = derive_prices(now=timezone.now(), variant_ids=variants)
        self.message_user(
            request, ngettext("%d price changed.", "%d prices changed.", changed) % changed
        )


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
