"""Duties, fees and taxes in words: who pays what at a border, and what was left out and why."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from markets.tax import Regime

_REGIMES: dict[str, Promise] = {
    Regime.DOMESTIC: gettext_lazy("Domestic sale"),
    Regime.OSS: gettext_lazy("One-Stop Shop: tax of the destination"),
    Regime.ORIGIN: gettext_lazy("Below the threshold: tax of the country of origin"),
    Regime.IOSS: gettext_lazy("Import One-Stop Shop"),
    Regime.UK_CONSIGNMENT: gettext_lazy("UK consignment: tax at checkout"),
    Regime.LOW_VALUE_SCHEME: gettext_lazy("Low-value scheme: tax at checkout"),
    Regime.IMPORT_DDP: gettext_lazy("Import, duty paid by us"),
    Regime.IMPORT_DAP: gettext_lazy("Import, duty paid on delivery"),
    Regime.REVERSE_CHARGE: gettext_lazy("Reverse charge"),
    Regime.EXPORT: gettext_lazy("Export, untaxed"),
    Regime.SALES_TAX: gettext_lazy("Sales tax"),
    Regime.NO_NEXUS: gettext_lazy("No sales tax: not registered in the state"),
}


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


def regime_words(regime: str) -> str:
    """Name the law that a parcel was taxed under; empty where none was kept."""
    return str(_REGIMES.get(regime, regime))


def adjustment_words(regimes: Collection[str]) -> str:
    """Name the difference between prices with one place's tax inside and what is paid."""
    if Regime.REVERSE_CHARGE in regimes:
        return _("VAT not charged (reverse charge)")
    if regimes and set(regimes) <= {Regime.EXPORT, Regime.IMPORT_DAP, Regime.NO_NEXUS}:
        return _("Tax not charged")
    return _("Difference in tax")
