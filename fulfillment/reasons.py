"""What the codes of plans turned down say to people."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_REASONS = {
    "costs_more": _("costs more"),
    "more_parcels": _("costs the same, with more parcels"),
    "more_warehouses": _("costs the same, from more warehouses"),
    "later_code": _("equal in everything; the order of the codes decides"),
    "stock_short": _("has not enough stock"),
    "too_heavy": _("its carrier takes no parcel that heavy"),
    "late": _("would arrive after the promised date"),
}


def describe_reason(code: str) -> str:
    """Say in the active language why a plan was turned down."""
    return str(_REASONS.get(code) or gettext(code))
