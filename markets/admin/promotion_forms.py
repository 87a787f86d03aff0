"""What a merchant fills in of a promotion, and what is wrong with it in words."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from markets.models import Coupon, Market, Promotion, PromotionAmount
from markets.models.promotions import coupon_code
from markets.money import InexactAmount, UnknownCurrency, quantise, to_minor
from markets.promotions.codes import tidy_coupon
from markets.promotions.coupons import MOST
from markets.promotions.publishing import find_missing_amounts
from markets.promotions.wording import explain_missing

PUBLISH, END = "markets_promotion_publish", "markets_promotion_end"
_BEGINNING = 20


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self._leave_out(data)
        self._check_action(data)
        if self.instance.pk:
            self._check_use_limit(data)
        # Where its amounts, which are looked at next, are needed.
        self.instance.chosen_markets = data.get("markets")
        return data

    def _leave_out(self, data: dict[str, Any]) -> None:
        """Forget what belongs to another kind of promotion than the chosen one."""
        action = data.get("action")
        if action not in (Promotion.Action.PERCENT, Promotion.Action.BUY_X_GET_Y):
            data["percent"] = None
        if action != Promotion.Action.BUY_X_GET_Y:
            data["buy_quantity"] = data["get_quantity"] = data["most_times"] = None

    def _check_action(self, data: dict[str, Any]) -> None:
        needed: dict[Any, tuple[str, ...]] = {
            Promotion.Action.PERCENT: ("percent",),
            Promotion.Action.BUY_X_GET_Y: ("percent", "buy_quantity", "get_quantity"),
        }
        for field in needed.get(data.get("action"), ()):
            if not data.get(field) and field not in self.errors:
                self.add_error(field, _("Fill this in for what the promotion does."))

    def _check_use_limit(self, data: dict[str, Any]) -> None:
        # Locked, so that no order counts a use between this look and the saving.
        rows = Promotion.objects.select_for_update().filter(pk=self.instance.pk)
        used = rows.values_list("used", flat=True).get()
        self.instance.used = used
        limit = data.get("use_limit")
        if limit is not None and limit < used:
            self.add_error(
                "use_limit",
                ValidationError(_("It was used %(used)s times."), params={"used": used}),
            )


class AmountForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = PromotionAmount
        fields = ("currency", "amount", "threshold")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in ("amount", "threshold"):
            kept = getattr(self.instance, field)
            if kept is not None:
                # With the digits of its currency: 1500 yen, not 1500.000.
                self.initial[field] = quantise(kept, self.instance.currency)

    def has_changed(self) -> bool:
        """Say no of a currency that was offered and left empty."""
        return super().has_changed() and (bool(self.instance.pk) or not self.is_empty)

    def _post_clean(self) -> None:
        # What is emptied is taken out, so that its row need not hold.
        if not self.is_empty:
            super()._post_clean()  # type: ignore[misc]  # Not in the stubs.

    @property
    def is_empty(self) -> bool:
        fields = ("amount", "threshold")
        return not any(self.data.get(self.add_prefix(field), "").strip() for field in fields)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field in ("amount", "threshold"):
            if data.get("currency") and data.get(field) is not None:
                try:
                    to_minor(data[field], data["currency"])
                except InexactAmount:
                    self.add_error(field, _("This is finer than the currency can be paid in."))
                except UnknownCurrency:
                    self.add_error("currency", _("There is no such currency."))
        return data


class AmountFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """A row for each currency; one that is emptied is taken out."""

    def _should_delete_form(self, form: Any) -> bool:
        return bool(super()._should_delete_form(form)) or (  # type: ignore[misc]  # Not in the stubs.
            bool(form.instance.pk) and form.is_bound and form.is_empty
        )

    def clean(self) -> None:
        super().clean()
        promotion: Any = self.instance
        is_shown = promotion.status == Promotion.Status.PUBLISHED and END not in self.data
        if any(self.errors) or not (is_shown or PUBLISH in self.data):
            return
        forms_shown: list[Any] = list(self.forms)
        rows = [
            form.instance
            for form in forms_shown
            if not form.is_empty and not self._should_delete_form(form)
        ]
        chosen = getattr(promotion, "chosen_markets", None)
        markets = list(chosen or Market.objects.filter(is_active=True))
        missing = find_missing_amounts(promotion.action, rows, markets)
        if missing:
            raise ValidationError([explain_missing(row) for row in missing])


class CouponForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Coupon
        fields = ("promotion", "code", "use_limit", "customer_limit")

    def clean_code(self) -> str:
        return tidy_coupon(self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk:
            rows = Coupon.objects.select_for_update().filter(pk=self.instance.pk)
            used = self.instance.used = rows.values_list("used", flat=True).get()
            limit = data.get("use_limit")
            if limit is not None and limit < used:
                self.add_error(
                    "use_limit",
                    ValidationError(_("It was used %(used)s times."), params={"used": used}),
                )
        return data


class BatchForm(forms.Form):
    """How many coupons to make at once, and what each may do."""

    count = forms.IntegerField(
        label=_("How many"), min_value=1, max_value=MOST, initial=100,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    beginning = forms.CharField(
        label=_("Beginning"), max_length=_BEGINNING, required=False, validators=[coupon_code],
        help_text=_("Each code begins with this: SPRING-7KXW2MPQ."),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip
    use_limit = forms.IntegerField(
        label=_("Uses of each"), min_value=1, max_value=2**31 - 1, initial=1, required=False,
        help_text=_("Empty is no limit."), widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    def clean_beginning(self) -> str:
        return tidy_coupon(self.cleaned_data["beginning"])
