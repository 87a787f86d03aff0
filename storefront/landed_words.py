"""Duties, fees and taxes in words: who pays what at a border, and what was left out and why."""

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from markets.tax import Regime
from storefront.tax_names import tax_name

# What shoppers are told of a duty or fee; the names that rows of law have are for staff.
_COSTS: Mapping[str, Promise] = {
    "duty": gettext_lazy("Customs duty"),
    "duty_per_heading": gettext_lazy("Customs duty for each type of goods"),
    "duty_and_tax": gettext_lazy("Import duty and tax"),
    "additional_duty": gettext_lazy("Additional customs duty"),
    "anti_dumping": gettext_lazy("Anti-dumping duty"),
    "excise": gettext_lazy("Excise duty"),
    "handling": gettext_lazy("Customs handling fee"),
    "import_fee": gettext_lazy("Import fee"),
    "clearance": gettext_lazy("Customs clearance by the carrier"),
}
# An answer with one of these notes does not know all that a carrier may ask for.
_UNKNOWN = frozenset({"no_rate", "local_taxes", "duty_unknown"})


def cost_words(kind: str, code: str, *, tax: str = "") -> str:
    """Name a duty, a fee or an import tax to a shopper, by what it is."""
    if code == "import_tax":
        return _("Import tax (%(name)s)") % {"name": tax_name(tax)} if tax else _("Import tax")
    otherwise = _COSTS["duty"] if kind == "duty" else _COSTS["import_fee"]
    return str(_COSTS.get(code, otherwise))


def promise_words(terms: str, notes: Collection[str] = (), *, is_estimated: bool = True) -> str:
    """Say what a total promises, with the codes of its notes; empty where nothing is imported.

    `is_estimated` tells whether amounts that are due on delivery stand beside it.
    """
    if terms == "ddp":
        return _("All duties and taxes included")
    if terms != "dap":
        return ""
    is_known = not _UNKNOWN & set(notes)
    if is_known and not is_estimated:
        return _("Import duties and taxes are paid on delivery. None are expected for this order.")
    if not is_estimated:
        return _(
            "Not in this total: the carrier may ask for import duties and taxes on delivery. How "
            "much is not known. Whoever refuses the parcel may have to pay for its return."
        )
    words = _(
        "Not in this total: the carrier asks for import duties and taxes on delivery. The "
        "amounts are an estimate. Whoever refuses the parcel may have to pay for its return."
    )
    if is_known:
        return words
    return words + " " + _("Duty on some of the goods is not known and may come on top.")


def adjustment_words(regimes: Collection[str]) -> str:
    """Name the difference between prices with one place's tax inside and what is paid."""
    if Regime.REVERSE_CHARGE in regimes:
        return _("VAT not charged (reverse charge)")
    if regimes and set(regimes) <= {Regime.EXPORT, Regime.IMPORT_DAP, Regime.NO_NEXUS}:
        return _("Tax not charged")
    return _("Difference in tax")
