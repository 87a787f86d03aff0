"""What goes back when goods come back: each component as it was charged, to the last unit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from markets.money import from_minor, quantise
from markets.tax.answer import ComponentKind
from markets.tax.arithmetic import Balanced


@dataclass(frozen=True)
class StoredComponent:
    """A component as an order keeps it, with what of it was refunded before.

    `quantity` is how many units of its line it was charged for; 0 belongs to no line.
    """

    id: int
    key: str
    kind: ComponentKind
    net: Decimal
    tax: Decimal
    quantity: int
    refundable: bool = True
    refunded_net: Decimal = Decimal(0)
    refunded_tax: Decimal = Decimal(0)
    returned_before: int = 0


@dataclass(frozen=True)
class RefundPolicy:
    """What comes back beside the goods and their tax.

    `duties` are those whose rows say so, `fees` likewise; delivery only where `shipping` says so,
    as where a consumer withdraws from the whole contract.
    """

    currency: str
    shipping: bool = False
    duties: bool = True
    fees: bool = False
    never: Collection[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class RefundComponent(Balanced):
    component_id: int


def refund_components(
    stored: Sequence[StoredComponent], returned: Mapping[str, int], policy: RefundPolicy
) -> tuple[RefundComponent, ...]:
    """Give what is refunded of each component for the units that came back, by line key.

    At the rate, rounding and amount that were charged; the last part takes the remainder, so
    that all parts add up to what was charged and never to more. Raises ValueError for more units
    than are left.
    """
    refunds = []
    for part in stored:
        count = returned.get(part.key, 0) if part.quantity else 0
        if count < 0 or count > part.quantity - part.returned_before:
            raise ValueError(f"{count} of {part.key}: {part.returned_before} came back before")
        if not _comes_back(part, count, policy):
            continue
        net, tax = _up_to(part, part.returned_before + count, policy.currency)
        net, tax = net - part.refunded_net, tax - part.refunded_tax
        if net or tax:
            refunds.append(RefundComponent(net=net, tax=tax, gross=net + tax, component_id=part.id))
    return tuple(refunds)


def _comes_back(part: StoredComponent, count: int, policy: RefundPolicy) -> bool:
    if part.id in policy.never or not part.refundable:
        return False
    match part.kind:
        case ComponentKind.SHIPPING:
            return policy.shipping
        case ComponentKind.DUTY:
            return policy.duties and count > 0
        case ComponentKind.FEE:
            return policy.fees and count > 0
        case _:
            return count > 0


def _up_to(part: StoredComponent, count: int, currency: str) -> tuple[Decimal, Decimal]:
    """Give what is refunded once so many units have come back; of delivery it is all.

    Both sums grow with the count, so no part is ever negative.
    """
    if part.kind is ComponentKind.SHIPPING or count >= part.quantity:
        return part.net, part.tax
    zero = from_minor(0, currency)
    net = quantise(part.net * count / part.quantity, currency)
    tax = quantise(part.tax * count / part.quantity, currency)
    return zero + net, zero + tax
