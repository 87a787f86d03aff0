"""What a refund takes back of an invoice, part by part, at the invoice's own rates. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markets.money import quantise, split
from orders.invoices.errors import CreditTooLarge

ZERO = Decimal(0)


@dataclass(frozen=True)
class Share:
    """A line of an invoice and what earlier credit notes have taken back of it.

    `border_of` is the order's line for whose goods a duty or fee was charged.
    """

    line_id: int
    order_line_id: int | None
    net: Decimal
    tax: Decimal
    credited_net: Decimal = ZERO
    credited_tax: Decimal = ZERO
    refundable: bool = True
    border_of: int | None = None
    is_delivery: bool = False

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def credited(self) -> Decimal:
        return self.credited_net + self.credited_tax

    @property
    def left(self) -> Decimal:
        return self.gross - self.credited


@dataclass(frozen=True)
class ReturnedUnits:
    """Units of an order's line that came back, and what is paid back for them, tax included.

    `duties` is what comes back of the duties and fees on them.
    """

    quantity: int
    amount: Decimal
    duties: Decimal = ZERO


@dataclass(frozen=True)
class Credit:
    line_id: int
    net: Decimal
    tax: Decimal
    quantity: int | None = None

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def split_credit(
    shares: Sequence[Share],
    amount: Decimal,
    *,
    currency: str,
    returned: Mapping[int, ReturnedUnits] | None = None,
    delivery: Decimal = ZERO,
) -> list[Credit]:
    """Split a refund over an invoice's lines so that the parts add up to it exactly.

    What was paid back for returned units is taken from their lines, what comes back of the
    duties on them from those, and `delivery` from what delivery cost. The rest, where there is
    one, is taken from delivery, duties and fees if goods came back and those have so much left
    (from refundable ones first), else from all that is left, by largest remainder. Net and tax
    follow the line's own: the running total is rounded, not each part, so the last partial
    refund takes what remains. Raises CreditTooLarge where more is asked than is left.
    """
    left = sum((share.left for share in shares), ZERO)
    if amount > left:
        raise CreditTooLarge(f"{amount} {currency} of {left}")
    taken = dict.fromkeys(range(len(shares)), ZERO)
    claims = _claims(shares, returned or {}, delivery)
    for places, claim in _within(claims, amount, currency):
        _take(taken, places, shares, claim, currency)
    rest = amount - sum(taken.values(), ZERO)
    if rest:
        tiers = _tiers(shares) if returned else [list(taken)]
        places = next(tier for tier in tiers if _room(taken, tier, shares) >= rest)
        _take(taken, places, shares, rest, currency)
    quantities = _quantities(shares, returned or {}, taken)
    return [
        _credit(shares[n], gross, currency, quantities.get(n))
        for n, gross in taken.items()
        if gross
    ]


def _claims(
    shares: Sequence[Share], returned: Mapping[int, ReturnedUnits], delivery: Decimal
) -> list[tuple[list[int], Decimal]]:
    """Say what each returned line takes from which shares: its own, and its refundable duties.

    Delivery comes last.
    """
    claims = [
        claim
        for line, units in returned.items()
        for claim in (
            (_of_line(shares, line), units.amount),
            (
                [
                    n
                    for n, share in enumerate(shares)
                    if share.border_of == line and share.refundable
                ],
                units.duties,
            ),
        )
    ]
    return [*claims, ([n for n, share in enumerate(shares) if share.is_delivery], delivery)]


def _within(
    claims: Sequence[tuple[list[int], Decimal]], amount: Decimal, currency: str
) -> list[tuple[list[int], Decimal]]:
    """Shrink the claims to what is paid back, where that is less."""
    worth = [claim for _places, claim in claims]
    if sum(worth, ZERO) <= amount:
        return list(claims)
    parts = split(amount, worth, currency)
    return [(places, part) for (places, _claim), part in zip(claims, parts, strict=True)]


def _of_line(shares: Sequence[Share], line: int) -> list[int]:
    return [n for n, share in enumerate(shares) if share.order_line_id == line]


def _tiers(shares: Sequence[Share]) -> list[list[int]]:
    beside = [n for n, share in enumerate(shares) if share.order_line_id is None]
    return [[n for n in beside if shares[n].refundable], beside, list(range(len(shares)))]


def _room(taken: Mapping[int, Decimal], places: Sequence[int], shares: Sequence[Share]) -> Decimal:
    return sum((shares[n].left - taken[n] for n in places), ZERO)


def _take(
    taken: dict[int, Decimal],
    places: Sequence[int],
    shares: Sequence[Share],
    amount: Decimal,
    currency: str,
) -> None:
    """Take an amount from some lines by what they have left, or all of that if it is less."""
    room = [shares[n].left - taken[n] for n in places]
    within = min(amount, sum(room, ZERO))
    if within:
        for n, part in zip(places, split(within, room, currency), strict=True):
            taken[n] += part


def _credit(share: Share, gross: Decimal, currency: str, quantity: int | None) -> Credit:
    running = Fraction(share.tax) * Fraction(share.credited + gross) / Fraction(share.gross)
    tax = quantise(running, currency) - share.credited_tax
    # An earlier credit by other rules must not make net or tax run out before the other.
    tax = min(max(tax, gross - (share.net - share.credited_net), ZERO), gross)
    tax = min(tax, share.tax - share.credited_tax)
    return Credit(share.line_id, gross - tax, tax, quantity)


def _quantities(
    shares: Sequence[Share],
    returned: Mapping[int, ReturnedUnits],
    taken: Mapping[int, Decimal],
) -> dict[int, int]:
    """Name the units only where they are all of one line of the invoice."""
    places = {line: _of_line(shares, line) for line in returned}
    return {
        found[0]: returned[line].quantity
        for line, found in places.items()
        if len(found) == 1 and taken[found[0]]
    }
