"""What the engine's codes say to people: regimes, notes and the steps of a trace."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from markets.tax.answer import Note, ParcelAnswer, Regime, TaxStep

_REGIMES: dict[str, Promise] = {
    Regime.DOMESTIC: _("domestic sale"),
    Regime.OSS: _("EU sale by the One-Stop Shop"),
    Regime.ORIGIN: _("EU sale below the threshold, taxed where it is sent from"),
    Regime.IOSS: _("import by the Import One-Stop Shop"),
    Regime.UK_CONSIGNMENT: _("small consignment to the United Kingdom"),
    Regime.LOW_VALUE_SCHEME: _("import by the seller's scheme"),
    Regime.IMPORT_DDP: _("import, duties and taxes paid at checkout"),
    Regime.IMPORT_DAP: _("import, duties and taxes paid on delivery"),
    Regime.REVERSE_CHARGE: _("reverse charge: the buyer accounts for the tax"),
    Regime.EXPORT: _("outside the tax territory"),
    Regime.SALES_TAX: _("sales tax"),
    Regime.NO_NEXUS: _("no sales tax: not registered in the state"),
}

_NOTES: dict[str, Promise] = {
    "reverse_charge": _("Reverse charge: the buyer %(buyer)s accounts for the tax."),
    "reverse_charge_import": _("The buyer %(buyer)s accounts for the import tax."),
    "registration_missing": _("Tax is taken for %(place)s without a registration there."),
    "special_territory": _("%(name)s is a special tax territory."),
    "duty_unknown": _("No import rules are known for %(destination)s."),
    "no_rule": _("No import rule of the destination is known."),
    "no_rate": _("Duty is due on goods that no rate is known for."),
    "seller_bears": _("We pay what customs asks: no rate of duty is known for some goods."),
    "local_taxes": _("What the territory asks for imports is not known."),
    "no_hs_code": _("Goods without an HS code count as a heading of their own."),
    "no_origin": _("Goods of unknown origin count as made where they are sent from."),
    "above_formula": _("The parcel is worth more than the simplified procedure takes."),
    "ddp": _("All duties and taxes included."),
    "dap": _("Duties and taxes are due to the carrier on delivery; the amounts are estimates."),
}

_STEPS: dict[tuple[str, str], Promise] = {
    ("territory", "outside"): _("%(name)s lies outside the tax territory."),
    ("territory", "inside"): _("%(country)s: inside the tax territory."),
    ("domestic", "same_country"): _("Sent and delivered in %(destination)s."),
    ("domestic", "other_country"): _("Sent from %(origin)s to %(destination)s: not domestic."),
    ("same_area", "same_area"): _("%(origin)s and %(destination)s are one tax area."),
    ("same_area", "border"): _("There is a border between %(origin)s and %(destination)s."),
    ("registration", "no_legal_entity"): _("No legal entity sells here: taken as registered."),
    ("registration", "registered"): _("Registered in %(place)s: %(number)s."),
    ("registration", "not_registered"): _("Not registered in %(place)s."),
    ("origin_based", "sent_within_state"): _("%(place)s taxes where goods are sent from."),
    ("nexus", "no_legal_entity"): _("No legal entity sells here: taken as registered."),
    ("nexus", "registered"): _("Registered in %(place)s."),
    ("nexus", "not_registered"): _("Not registered in %(place)s: nothing is collected."),
    ("reverse_charge", "consumer"): _("The buyer is a consumer."),
    ("reverse_charge", "number_not_valid"): _("The number %(number)s was not found valid."),
    ("reverse_charge", "number_of_origin"): _("The number %(number)s is of where goods start."),
    ("reverse_charge", "number_of_other_area"): _("The number %(number)s is of another area."),
    ("reverse_charge", "number_valid"): _("The number %(number)s is valid."),
    ("oss", "no_legal_entity"): _("No legal entity sells here: taken as registered."),
    ("oss", "registered"): _("Registered for the One-Stop Shop: %(number)s."),
    ("oss", "above_threshold"): _("Sales of %(turnover)s are above the threshold %(threshold)s."),
    ("oss", "below_threshold"): _("Sales are not known to pass the threshold %(threshold)s."),
    ("oss", "not_registered"): _("Not registered for the One-Stop Shop."),
    ("local", "registered"): _("Registered in %(place)s itself."),
    ("local", "not_registered"): _("Not registered in %(place)s itself."),
    ("scheme", "not_registered"): _("No import scheme for %(place)s."),
    ("limit", "none"): _("The scheme %(scheme)s has no limit."),
    ("limit", "within"): _("Worth %(value)s, within the limit of %(limit)s (%(scheme)s)."),
    ("limit", "above"): _("Worth %(value)s, above the limit of %(limit)s (%(scheme)s)."),
    ("terms", "duty_unknown"): _("Duty is not known, so it is not promised: due on delivery."),
    ("terms", "seller_bears"): _("Duty is not known: the seller bears what customs asks."),
    ("import", "at_border"): _("Duty and tax are assessed at the border."),
}


def regime_words(regime: str) -> str:
    """Name a regime to staff; one of another provider's stands for itself, none is empty."""
    return str(_REGIMES.get(regime, regime))


def note_words(note: Note) -> str:
    """Say a note; an unknown code, as another provider may give one, stands for itself."""
    return _filled(_NOTES.get(note.code), note.code, note.facts)


def trace_words(parcel: ParcelAnswer) -> list[str]:
    """Tell step by step why a parcel is taxed as it is."""
    return [_step_words(step) for step in parcel.trace]


def _step_words(step: TaxStep) -> str:
    if step.rule == "duty":
        return _filled(_("Customs value %(customs_value)s."), "", step.facts)
    if step.why == "business":
        return str(format_lazy(_("{scheme} is for consumers only."), scheme=step.rule))
    words = _STEPS.get((step.rule, step.why))
    if words is None and step.why == "registered":
        words = _("The seller's scheme takes the tax at checkout: %(number)s.")
    return _filled(words, f"{step.rule}: {step.why}", step.facts)


def _filled(words: Promise | None, otherwise: str, facts: Sequence[tuple[str, str]]) -> str:
    if words is None:
        return otherwise
    try:
        return str(words) % dict(facts)
    except KeyError:
        return otherwise
