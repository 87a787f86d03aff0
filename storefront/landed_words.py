"""Duties, fees and taxes in words: who pays what at a border, and what was left out and why."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from markets.tax import Regime


def promise_words(terms: str) -> str:
    """Say what a total promises; empty where nothing crosses a border."""
    if terms == "ddp":
        return _("All duties and taxes included")
    if terms == "dap":
        return _(
            "Not in this total: the carrier asks for import duties and taxes on delivery. The "
            "amounts are an estimate. Whoever refuses the parcel may have to pay for its return."
        )
    return ""


def adjustment_words(regimes: Collection[str]) -> str:
    """Name the difference between prices with one place's tax inside and what is paid."""
    if Regime.REVERSE_CHARGE in regimes:
        return _("VAT not charged (reverse charge)")
    if regimes and set(regimes) <= {Regime.EXPORT, Regime.IMPORT_DAP, Regime.NO_NEXUS}:
        return _("Tax not charged")
    return _("Difference in tax")
