"""Form fields of lanes: days of the week, hazards and countries to tick or to type."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import Hazard
from fulfillment.carriers.adapters import adapter_codes
from fulfillment.holidays import is_country


def weekdays_field(label: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        choices=list(WEEKDAYS.items()),
        coerce=int,
        label=label,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


def hazards_field(help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=Hazard.choices,
        label=capfirst(_("refuses")),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=help_text,
    )


def _list_adapters() -> list[tuple[str, Any]]:
    return [("", _("By hand")), *((code, code) for code in adapter_codes())]


class CarrierForm(forms.ModelForm):  # type: ignore[type-arg]
    adapter = forms.ChoiceField(
        choices=_list_adapters,
        label=capfirst(_("adapter")),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("How labels are bought."),
    )
    refused_hazards = hazards_field(_("Hazards that it does not carry at all."))


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    refused_hazards = hazards_field(
        _("Hazards that it does not carry, beside those that its carrier refuses.")
    )
    pickup_days = weekdays_field(_("pick-up days"))
    delivery_days = weekdays_field(_("delivery days"))


class CountriesField(forms.CharField):
    """Country codes with commas or spaces between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return list(dict.fromkeys(text.upper().replace(",", " ").split()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))

    def validate(self, value: Any) -> None:
        super().validate(value)
        unknown = [code for code in value if not is_country(code)]
        if unknown:
            raise ValidationError(
                _("Not a country: %(codes)s. Write two letters for each: DE, AT.")
                % {"codes": ", ".join(unknown)}
            )


class ZoneForm(forms.ModelForm):  # type: ignore[type-arg]
    countries = CountriesField(
        label=capfirst(_("countries")),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Two letters for each: DE, AT."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for fewest, most in (
            ("transit_days_min", "transit_days_max"),
            ("customs_days_min", "customs_days_max"),
        ):
            if _less(cleaned.get(most), cleaned.get(fewest)):
                self.add_error(most, _("The most days are fewer than the fewest."))
        for cost in ("base_cost", "cost_per_kg"):
            if _less(cleaned.get(cost), 0):
                self.add_error(cost, _("A cost is not negative."))
        if cleaned.get("max_weight_grams") == 0:
            self.add_error("max_weight_grams", _("Nothing weighs as little as that."))
        return cleaned


class BracketForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if _less(cleaned.get("cost"), 0):
            self.add_error("cost", _("A cost is not negative."))
        if cleaned.get("up_to_grams") == 0:
            self.add_error("up_to_grams", _("Nothing weighs as little as that."))
        return cleaned


def _less(value: Any, least: Any) -> bool:
    return value is not None and least is not None and value < least
