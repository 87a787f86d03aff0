"""How the delivery of an order is shared out over its parcels and their taxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markets.money import split
from markets.tax.levies import Levies


@dataclass(frozen=True)
class Portion:
    """What some goods weigh in the sharing, and how the delivery that brings them is taxed."""

    parcel: int
    place: str
    amount: Decimal
    quantity: int
    levies: Levies
    home_rate: Fraction | None


@dataclass(frozen=True)
class ShippingShare:
    parcel: int
    place: str
    amount: Decimal
    levies: Levies
    home_rate: Fraction | None


def share_shipping(
    amount: Decimal, portions: Sequence[Portion], *, currency: str
) -> list[ShippingShare]:
    """Share a delivery out by the goods' amounts, by largest remainder.

    First over its taxes and then over parcels: what falls on each tax does not depend on how the
    goods are packed. Goods that cost nothing count by their number if all of them do.
    """
    by_tax: dict[tuple[object, ...], list[Portion]] = {}
    for portion in portions:
        key = (portion.place, str(portion.levies.key), portion.levies.share, portion.home_rate or 0)
        by_tax.setdefault(key, []).append(portion)
    groups = [by_tax[key] for key in sorted(by_tax)]
    shares = []
    for group, part in zip(groups, _weigh(amount, groups, currency), strict=True):
        by_parcel: dict[int, list[Portion]] = {}
        for portion in group:
            by_parcel.setdefault(portion.parcel, []).append(portion)
        parcels = list(by_parcel.values())
        for portions_there, share in zip(parcels, _weigh(part, parcels, currency), strict=True):
            first = portions_there[0]
            if share:
                shares.append(
                    ShippingShare(first.parcel, first.place, share, first.levies, first.home_rate)
                )
    return shares


def _weigh(amount: Decimal, groups: Sequence[Sequence[Portion]], currency: str) -> list[Decimal]:
    weights: list[Decimal | int] = [
        sum((portion.amount for portion in group), Decimal(0)) for group in groups
    ]
    if not any(weights):
        weights = [sum(portion.quantity for portion in group) for group in groups]
    return split(amount, weights, currency) if groups else []
