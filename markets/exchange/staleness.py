"""What the age of a quote means for prices."""

from decimal import Decimal
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Tier(IntEnum):
    """How far a rate can be trusted; the higher, the less."""

    NORMAL = 0
    WARN = 1
    FREEZE = 2
    BLOCKED = 3

    @property
    def buffer(self) -> Decimal:
        """The fraction that a conversion for sale takes on top: 0.005 is half a per cent."""
        return _BUFFERS[self]

    @property
    def reprices(self) -> bool:
        """Whether prices may still follow the rate by themselves."""
        return self < Tier.FREEZE

    @property
    def label(self) -> Promise:
        return _LABELS[self]


_BUFFERS = {
    Tier.NORMAL: Decimal(0),
    Tier.WARN: Decimal("0.005"),
    Tier.FREEZE: Decimal("0.015"),
    Tier.BLOCKED: Decimal("0.015"),
}
_LABELS = {
    Tier.NORMAL: _("up to date"),
    Tier.WARN: _("late"),
    Tier.FREEZE: _("old: prices are frozen"),
    Tier.BLOCKED: _("too old: nothing is priced by it"),
}


def tier_of_age(business_days: int | None) -> Tier:
    """Give the tier of a quote so many TARGET business days old; None is no quote at all."""
    if business_days is None or business_days >= 5:
        return Tier.BLOCKED
    if business_days >= 3:
        return Tier.FREEZE
    return Tier.WARN if business_days == 2 else Tier.NORMAL
