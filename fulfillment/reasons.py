"""What the codes that planning gives say to people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REASONS: dict[str, str | Promise] = {
    "costs_more": _("costs more"),
    "more_parcels": _("costs the same, with more parcels"),
    "more_warehouses": _("costs the same, from more warehouses"),
    "later_code": _("equal in everything; the order of the codes decides"),
    "stock_short": _("not enough in stock for the whole order"),
    "too_heavy": _("its carrier takes no parcel that heavy"),
    "late": _("would miss the promised day"),
    "barred": _("the law there bars the goods"),
    "hazard": _("its carrier refuses dangerous goods like these"),
    "carrier_down": _("its carrier does not answer at the moment"),
    "no_capacity": _("the warehouse has no room for so many parcels that day"),
    "too_many": _("takes more parcels than the policy allows"),
    "no_lane": _("no such service goes there from this warehouse"),
    "unfinished": _("there were too many plans to look at each"),
}
_TERMS: dict[str, str | Promise] = {
    "freight": _("Freight"),
    "duty": _("Duty and tax that we bear"),
    "entry": _("Clearance, days and risk of delay"),
    "lines": _("Picking"),
    "scarcity": _("Scarce stock, as weighed"),
    "split": _("Further parcels, as weighed"),
    "late": _("Lateness, as weighed"),
}
TERMS = tuple(_TERMS)
_NOTES: dict[str, str | Promise] = {
    "costs_more": _("the plan before cost more"),
    "late": _("the plan before would have been late"),
    "not_possible": _("the plan before could not be carried out any more"),
}


def describe_reason(code: str) -> str:
    """Say in the active language why a plan was turned down."""
    return str(_REASONS.get(code, code))


def describe_term(code: str) -> str:
    """Name a part of what a plan costs."""
    return str(_TERMS.get(code, code))


def describe_note(note: str) -> str:
    """Say why a plan was given up, or repeat what a person wrote."""
    return str(_NOTES.get(note, note))
