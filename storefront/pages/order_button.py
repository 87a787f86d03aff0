"""What the last button says."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from djmoney.money import Money

from storefront.templatetags.shop import money_text

# Where the law (Art. 8(2) of Directive 2011/83/EU and its national forms) wants the button to
# say that payment is due, and in Germany (§ 312j BGB) nothing else beside: the amount then
# stands right above it.
OBLIGATION_COUNTRIES = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
        "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI",
        "SK",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Button:
    """Words by when the money moves: now, later (a voucher, a transfer) or at the door."""

    now: str
    later: str
    door: str


def button_for(country: str, *, total: Money) -> Button:
    if country in OBLIGATION_COUNTRIES:
        words = _("Order with obligation to pay")
        return Button(now=words, later=words, door=words)
    amount = {"total": money_text(total)}
    return Button(
        now=_("Pay %(total)s now") % amount,
        later=_("Order and pay %(total)s later") % amount,
        door=_("Order and pay %(total)s on delivery") % amount,
    )
