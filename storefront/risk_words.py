"""The fraud rules' reasons as sentences that a person can check."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_PLAIN: dict[str, str | Promise] = {
    "countries_differ": gettext_lazy("Billing and delivery are in different countries."),
    "is_first_order": gettext_lazy("First order from this e-mail address."),
    "is_po_box": gettext_lazy("Goes to a post office box."),
    "lacks_house_number": gettext_lazy("The address has no house number."),
    "is_disposable_email": gettext_lazy("Throw-away e-mail address."),
}
_COUNTED: dict[str, Callable[[], str]] = {
    "orders_by_email_1h": lambda: _("%(n)s orders from this e-mail address within an hour."),
    "orders_by_email_24h": lambda: _("%(n)s orders from this e-mail address within a day."),
    "orders_by_ip_1h": lambda: _("%(n)s orders from this internet address within an hour."),
    "orders_by_ip_24h": lambda: _("%(n)s orders from this internet address within a day."),
    "orders_by_address_1h": lambda: _("%(n)s orders to this address within an hour."),
    "orders_by_address_24h": lambda: _("%(n)s orders to this address within a day."),
    "failed_payments_24h": lambda: _("%(n)s failed payments within a day."),
    "amount": lambda: _("The amount is %(n)s what people usually spend here."),
}


def risk_sentences(reasons: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Say each reason in words, with its points; an unknown one by its code."""
    return [(reason_sentence(row), int(row.get("points", 0))) for row in reasons]


def reason_sentence(reason: Mapping[str, Any]) -> str:
    code = str(reason["code"])
    if code in _COUNTED:
        return _COUNTED[code]() % {"n": reason.get("value", "")}
    return str(_PLAIN.get(code, code))


def reason_name(code: str) -> str:
    """Name a reason of which only the code is known."""
    names = {
        "orders_by_email_1h": _("many orders from one e-mail address"),
        "orders_by_email_24h": _("many orders from one e-mail address"),
        "orders_by_ip_1h": _("many orders from one internet address"),
        "orders_by_ip_24h": _("many orders from one internet address"),
        "orders_by_address_1h": _("many orders to one address"),
        "orders_by_address_24h": _("many orders to one address"),
        "failed_payments_24h": _("failed payments"),
        "amount": _("unusual amount"),
        "countries_differ": _("billing and delivery countries differ"),
        "is_first_order": _("first order"),
        "is_po_box": _("post office box"),
        "lacks_house_number": _("no house number"),
        "is_disposable_email": _("throw-away e-mail address"),
    }
    return names.get(code, code)
