from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSplitDateTimeWidget

from markets.admin.history import AppendOnlyAdmin, InForceFilter
from markets.admin.preview import preview_price
from markets.models import ListPrice, Price
from markets.money import InexactAmount, to_minor
from markets.pricing import end_list_price, set_list_price
from markets.pricing.list_prices import find_planned_price


class ListPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    new_amount = forms.DecimalField(
        label=_("amount"),
        max_digits=14,
        decimal_places=3,
        help_text=_("Of one unit, in the market's currency; with tax where its prices have it."),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    begins = forms.SplitDateTimeField(
        label=_("valid from"),
        required=False,
        help_text=_("Empty is at once."),
        widget=UnfoldAdminSplitDateTimeWidget,
    )

    class Meta:
        model = ListPrice
        fields = ("variant", "market", "group", "min_quantity", "is_reduction", "valid_to")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        now = timezone.now()
        data["now"], data["begins"] = now, data.get("begins") or now
        if data["begins"] < now:
            self.add_error("begins", _("What has been cannot be priced anew."))
        if data.get("valid_to") and data["valid_to"] <= data["begins"]:
            self.add_error("valid_to", _("The price ends before it begins."))
        if data.get("market") and data.get("new_amount") is not None:
            self._check_amount(data)
        if not self.errors:
            self._check_plans(data)
        return data

    def _check_amount(self, data: dict[str, Any]) -> None:
        try:
            if to_minor(data["new_amount"], data["market"].currency) <= 0:
                self.add_error("new_amount", _("A price is more than zero."))
        except InexactAmount:
            self.add_error(
                "new_amount",
                ValidationError(
                    _("%(amount)s is finer than the currency can be paid in."),
                    params={"amount": data["new_amount"]},
                ),
            )

    def _check_plans(self, data: dict[str, Any]) -> None:
        planned = find_planned_price(
            data["variant"].pk,
            data["market"],
            group=data["group"],
            min_quantity=data["min_quantity"],
            valid_from=data["begins"],
            valid_to=data["valid_to"],
        )
        if planned:
            self.add_error(
                "valid_to",
                ValidationError(
                    _("Another price is planned from %(begins)s on; end before, or take it back."),
                    params={"begins": localize(timezone.localtime(planned.valid_from))},
                ),
            )


@admin.register(ListPrice)
class ListPriceAdmin(AppendOnlyAdmin):
    form = ListPriceForm
    list_display = (
        "variant", "market", "group", "min_quantity", "amount", "is_reduction", "valid_from",
        "valid_to",
    )  # fmt: skip
    list_filter = ("market", "group", "is_reduction", InForceFilter)
    list_select_related = ("variant", "market", "group")
    search_fields = ("variant__sku", "variant__product__title")
    raw_id_fields = ("variant",)
    actions: ClassVar = ["end"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        prices: QuerySet[Price] = super().get_queryset(request)
        return prices.filter(kind=Price.Kind.MANUAL)

    def get_urls(self) -> list[Any]:
        preview = self.admin_site.admin_view(preview_price)
        return [
            path("preview/", preview, name="markets_price_preview"),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: Price | None = None) -> Any:
        if obj is None:
            return [
                "variant", "market", "new_amount", "group", "min_quantity", "is_reduction",
                "begins", "valid_to",
            ]  # fmt: skip
        return [
            "variant", "market", "amount", "group", "min_quantity", "is_reduction",
            "valid_from", "valid_to",
        ]  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        data = form.cleaned_data
        price = set_list_price(
            obj.variant_id,
            obj.market,
            data["new_amount"],
            group=data["group"],
            min_quantity=data["min_quantity"],
            is_reduction=data["is_reduction"],
            valid_from=data["begins"],
            valid_to=data["valid_to"],
            now=data["now"],
        )
        obj.pk, obj.amount = price.pk, price.amount

    @admin.action(description=_("End, or take back what has not begun"), permissions=["add"])
    def end(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        now = timezone.now()
        # In the order in which every run locks markets.
        ids = list(queryset.order_by("market", "variant", "pk").values_list("pk", flat=True))
        for price_id in ids:
            end_list_price(price_id, now=now)
        self.message_user(
            request,
            ngettext("%d price was ended.", "%d prices were ended.", len(ids)) % len(ids),
            messages.SUCCESS,
        )
