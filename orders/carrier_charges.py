"""What carriers asked for orders at borders, beside what was estimated when they were placed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from markets.money import quantise
from orders.events import record_event
from orders.models import CarrierCharge, Order
from orders.transitions import lock_order

K = CarrierCharge.Kind


@dataclass(frozen=True)
class Variance:
    """What was estimated of a kind of cost, and what carriers have charged; order's currency."""

    kind: CarrierCharge.Kind
    estimated: Decimal
    charged: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.charged is None else self.charged - self.estimated


def estimate_costs(order: Order) -> dict[CarrierCharge.Kind, Decimal]:
    """Add up what an order was quoted at its borders, paid by us or due on delivery.

    Import tax is the tax on what crossed a border duty paid, or what the buyer was told of it.
    """
    sums = dict.fromkeys(K, Decimal(0))
    for row in order.tax_components.all():
        if row.kind == "duty":
            sums[K.DUTY] += row.net
        elif row.kind == "fee":
            sums[K.FEE] += row.net
        if row.regime == "import_ddp":
            sums[K.TAX] += row.tax
    for part in order.due_on_delivery:
        sums[_kind_of(part["kind"])] += Decimal(part["net"])
        sums[K.TAX] += Decimal(part["tax"])
    return sums


def compare_costs(order: Order) -> list[Variance]:
    """Set estimates beside what carriers charged; kinds that have neither are left out."""
    estimates = estimate_costs(order)
    charged: dict[str, Decimal] = {}
    for row in order.carrier_charges.all():
        charged[row.kind] = charged.get(row.kind, Decimal(0)) + row.amount
    return [
        Variance(kind, estimates[kind], charged.get(kind))
        for kind in K
        if estimates[kind] or kind in charged
    ]


@transaction.atomic(durable=True)
def record_carrier_charges(
    order_id: int,
    amounts: Iterable[tuple[CarrierCharge.Kind, Decimal]],
    *,
    reference: str,
    now: datetime,
    user: Any = None,
) -> list[CarrierCharge]:
    """Note what a carrier's invoice asks for an order, in its currency. Locks the order.

    The order's own amounts stay as they were agreed. The same invoice is noted once for a kind:
    what stands already is left as it is. A correction has a reference of its own.
    """
    order = lock_order(order_id)
    estimates = estimate_costs(order)
    there = set(
        order.carrier_charges.filter(reference=reference, parcel=None).values_list(
            "kind", flat=True
        )
    )
    rows = CarrierCharge.objects.bulk_create(
        CarrierCharge(
            order=order,
            kind=kind,
            estimated=estimates[kind],
            amount=quantise(amount, order.currency),
            reference=reference,
            entered_by=user,
            entered_at=now,
        )
        for kind, amount in amounts
        if kind not in there
    )
    if rows:
        record_event(
            order,
            "carrier_charged",
            now=now,
            reference=reference,
            amounts={row.kind: str(row.amount) for row in rows},
        )
    return rows


def _kind_of(kind: str) -> CarrierCharge.Kind:
    return K.DUTY if kind == "duty" else K.FEE
