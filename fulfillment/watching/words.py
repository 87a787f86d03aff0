"""The findings of an audit in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_SENTENCES = {
    "ledger": _("{what} in {warehouse}: movements add up to {expected}, on hand are {found}."),
    "oversold": _("{what} in {warehouse}: {expected} on hand, but orders hold {found}."),
    "reserved": _("{what} in {warehouse}: orders hold {expected}, reserved are {found}."),
    "sold_ahead": _("{what} in {warehouse}: orders hold {expected} ahead, noted are {found}."),
    "held_by_closed_order": _("Order {what} is closed and still holds {found} units."),
    "not_held": _("Order {what} has {expected} units to send and holds {found}."),
    "parcel_not_held": _(
        "Parcel {what} of {warehouse} has {expected} units; its order holds {found} there."
    ),
}


def finding_text(finding: Mapping[str, Any]) -> str:
    """Say in the active language what an audit found."""
    sentence = _SENTENCES.get(finding["kind"])
    if sentence is None:
        return " ".join(str(value) for value in finding.values())
    return gettext(sentence).format(**finding)
