"""Transfers between warehouses: what is sent leaves at once, and is incoming until it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fulfillment.errors import StockShort
from fulfillment.models import IncomingStock, StockMovement, Transfer, TransferLine
from fulfillment.stock.arrivals import settle_after
from fulfillment.stock.buckets import lay_out_again, lock_whole_levels
from fulfillment.stock.incoming import announce_stock
from fulfillment.stock.numbers import number_of_the_day
from orders.errors import StaleTransition

S = Transfer.Status


@dataclass(frozen=True)
class Arrival:
    """What came of one line of a transfer; a difference has its reason."""

    received: int
    reason: str = ""


@transaction.atomic
def begin_transfer(transfer: Transfer, *, now: datetime, user: Any = None) -> Transfer:
    """Give a transfer that is to be prepared its number, and keep it. Locks the origin's row."""
    transfer.number = number_of_the_day(Transfer, transfer.origin, letter="T", now=now)
    transfer.user = user
    transfer.save(force_insert=True)
    return transfer


@transaction.atomic(durable=True)
def ship_transfer(transfer_id: int, *, now: datetime, user: Any = None) -> Transfer:
    """Book a transfer's units out of its origin and announce them at its destination.

    Locks the transfer, then the stock rows of the origin in variant order. Raises StaleTransition
    if it is not being prepared, ValueError without lines, and StockShort with the skus of which
    fewer units are free than are to go; nothing is booked then.
    """
    transfer, lines = _lock(transfer_id, status=S.DRAFT)
    if not lines:
        raise ValueError("A transfer has one line or more.")
    levels = lock_whole_levels((line.variant_id, transfer.origin_id) for line in lines)
    short = []
    for line in lines:
        level = levels.get((line.variant_id, transfer.origin_id))
        if level is None or level.free < line.quantity:
            short.append(line.variant.sku)
    if short:
        raise StockShort(short)
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=transfer.origin_id,
            variant_id=line.variant_id,
            kind=StockMovement.Kind.TRANSFER_OUT,
            quantity=-line.quantity,
            reference=transfer.number,
            reason=transfer.note,
            user=user,
            occurred_at=now,
        )
        for line in lines
    )
    for line in lines:
        incoming = announce_stock(
            transfer.destination,
            line.variant,
            line.quantity,
            expected_on=transfer.expected_on,
            reference=transfer.number,
        )
        IncomingStock.objects.filter(pk=incoming.pk).update(transfer_line=line)
    lay_out_again(levels.values())
    return _move(transfer, S.SHIPPED, shipped_at=now)


@transaction.atomic(durable=True)
def receive_transfer(
    transfer_id: int, arrivals: Mapping[int, Arrival], *, now: datetime, user: Any = None
) -> Transfer:
    """Book what came of a transfer, by line id, and close it.

    A line that is not named came in full. What is missing came nowhere: it left the origin's
    books with the transfer, and stays out with the reason on its line. Locks the transfer, then
    the stock rows of the destination in variant order; those who bought ahead get theirs after
    the transaction. Raises StaleTransition if it is not on its
    way, ValueError for more units than were sent or a difference without a reason.
    """
    transfer, lines = _lock(transfer_id, status=S.SHIPPED)
    came = {line.pk: arrivals.get(line.pk, Arrival(line.quantity)) for line in lines}
    for line in lines:
        _check(line, came[line.pk])
    keys = [(line.variant_id, transfer.destination_id) for line in lines]
    levels = lock_whole_levels(keys)
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=transfer.destination_id,
            variant_id=line.variant_id,
            kind=StockMovement.Kind.TRANSFER_IN,
            quantity=came[line.pk].received,
            reference=transfer.number,
            reason=came[line.pk].reason.strip(),
            user=user,
            occurred_at=now,
        )
        for line in lines
        if came[line.pk].received
    )
    for line in lines:
        line.received = came[line.pk].received
        line.reason = came[line.pk].reason.strip()
        IncomingStock.objects.filter(transfer_line=line).update(
            received=line.received, closed_at=now
        )
    TransferLine.objects.bulk_update(lines, ["received", "reason"])
    settle_after(keys, now=now)
    lay_out_again(levels.values())
    return _move(transfer, S.RECEIVED, received_at=now)


@transaction.atomic(durable=True)
def cancel_transfer(transfer_id: int) -> Transfer:
    """Give up a transfer that was not shipped. Raises StaleTransition otherwise."""
    transfer, _lines = _lock(transfer_id, status=S.DRAFT)
    return _move(transfer, S.CANCELLED)


def _lock(transfer_id: int, *, status: Transfer.Status) -> tuple[Transfer, list[TransferLine]]:
    transfer = (
        Transfer.objects.select_for_update(of=("self",))
        .select_related("origin", "destination")
        .get(pk=transfer_id)
    )
    if transfer.status != status:
        raise StaleTransition(f"Transfer {transfer.number} is {transfer.status}, not {status}.")
    return transfer, list(transfer.lines.select_related("variant").order_by("variant_id"))


def _check(line: TransferLine, arrival: Arrival) -> None:
    if not 0 <= arrival.received <= line.quantity:
        raise ValueError(f"{line.variant.sku}: {line.quantity} units were sent.")
    if arrival.received < line.quantity and not arrival.reason.strip():
        raise ValueError(f"{line.variant.sku}: the difference has a reason.")


def _move(transfer: Transfer, status: Transfer.Status, **fields: Any) -> Transfer:
    transfer.status = status
    for name, value in fields.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=["status", *fields])
    return transfer
