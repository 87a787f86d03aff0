from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class MissingAmount:
    """A currency in which a promotion has no amount, or no threshold, and who pays in it."""

    currency: str
    markets: tuple[str, ...]  # Their names.
    amount: bool
    threshold: bool


class MissingAmounts(ValueError):
    """A promotion is meant for markets in whose currency it has no amount; nothing changed."""

    def __init__(self, missing: Sequence[MissingAmount]) -> None:
        names = "; ".join(f"{row.currency} ({', '.join(row.markets)})" for row in missing)
        super().__init__(f"no amount in {names}")
        self.missing = tuple(missing)


class PromotionUsedUp(Exception):
    """A promotion or coupon that a basket counted on has no use left; the label is its name."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} is used up")
        self.label = label
