from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from markets.derivation import NoRate
from markets.exchange import EURO, latest_rates
from markets.exchange.guards import usable
from markets.exchange.storing import policy_for
from markets.models import ExchangeRate

LONGEST_DAYS = 90


class ManualRateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate that staff sets: it wins over what is fetched through its last day."""

    currency = forms.ChoiceField(
        label=_("currency"),
        choices=[(code, code) for code in settings.CURRENCIES if code != EURO],
        widget=UnfoldAdminSelectWidget,
    )
    new_rate = forms.DecimalField(
        label=pgettext_lazy("currency", "rate"),
        help_text=_("Units of the currency for one euro."),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    through = forms.DateField(
        label=_("last day"),
        help_text=_("The last day on which it counts, 90 days ahead at most."),
        widget=UnfoldAdminDateWidget,
    )
    why = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget)
    is_sure = forms.BooleanField(
        label=_("The rate is checked"),
        help_text=_("Needed where it is far from the rate in force."),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    class Meta:
        model = ExchangeRate
        fields = ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "new_rate" in data and usable(data["new_rate"]) is None:
            self.add_error("new_rate", _("A rate is more than zero."))
        elif "new_rate" in data and "currency" in data and not data["is_sure"]:
            self._check_band(data)
        today = timezone.now().date()
        if "through" in data and not today <= data["through"] <= today + timedelta(LONGEST_DAYS):
            self.add_error("through", _("Choose a day from today to 90 days ahead."))
        return data

    def _check_band(self, data: dict[str, Any]) -> None:
        try:
            old, _row = latest_rates(now=timezone.now()).conversion(EURO, data["currency"])
        except NoRate:
            return
        move = (data["new_rate"] - old) / old
        band = policy_for(data["currency"]).band
        if band is not None and abs(move) > band:
            self.add_error(
                "new_rate",
                ValidationError(
                    _("The rate in force is %(old)s: this is %(move)s away. Check it."),
                    params={"old": old.normalize(), "move": f"{move:+.1%}"},
                ),
            )


class DecisionForm(forms.Form):
    """What staff says when it decides on quotes in quarantine."""

    reason = forms.CharField(
        label=_("reason"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
