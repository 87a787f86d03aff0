"""Stock counts: what people found on the shelves, compared with the books, booked once approved."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from fulfillment.errors import BadCount, CountOpen, CountProblem
from fulfillment.models import (
    ReservationLine,
    StockCount,
    StockCountLine,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.stock.arrivals import settle_after
from fulfillment.stock.buckets import lay_out_again, lock_whole_levels
from fulfillment.stock.numbers import number_of_the_day
from orders.errors import StaleTransition

S = StockCount.Status
MOST_LINES = 20_000
_NAMES = ("sku", "barcode")


@dataclass(frozen=True)
class Blocked:
    """A counted variant that is not booked: orders hold more of it than was counted."""

    sku: str
    counted: int
    reserved: int
    orders: tuple[str, ...]


@transaction.atomic(durable=True)
def read_count(
    lines: Iterable[str], warehouse: Warehouse, *, now: datetime, note: str = "", user: Any = None
) -> StockCount:
    """Keep a count from the lines of a CSV file: `sku` or `barcode`, and `counted`.

    Each variant stands once. What should have been there is noted as the books stand now, so
    that goods that leave between counting and approval make no difference. Raises BadCount with
    every problem by line and column, and CountOpen if another count of the same goods waits to be
    decided: both together would book a difference twice. Nothing is kept then. Locks the
    warehouse's row.
    """
    counted = _read(lines)
    number = number_of_the_day(StockCount, warehouse, letter="C", now=now)
    _check_alone(counted, warehouse)
    levels = {
        level.variant_id: level.on_hand
        for level in StockLevel.objects.filter(warehouse=warehouse, variant_id__in=counted)
    }
    count = StockCount.objects.create(
        number=number,
        warehouse=warehouse,
        note=note,
        counted_by=user,
        created_at=now,
    )
    StockCountLine.objects.bulk_create(
        StockCountLine(
            count=count,
            variant_id=variant_id,
            expected=levels.get(variant_id, 0),
            counted=units,
        )
        for variant_id, units in sorted(counted.items())
    )
    return count


def _check_alone(variant_ids: Iterable[int], warehouse: Warehouse) -> None:
    """Refuse what another count has open; the warehouse's row is locked."""
    other = (
        StockCountLine.objects.filter(
            count__warehouse=warehouse, count__status=S.OPEN, variant_id__in=variant_ids
        )
        .values_list("count__number", flat=True)
        .first()
    )
    if other is not None:
        raise CountOpen(other)


@transaction.atomic(durable=True)
def approve_count(count_id: int, *, now: datetime, user: Any = None) -> tuple[Blocked, ...]:
    """Book the differences of a count, and give the lines that orders keep from being booked.

    With blocked lines nothing is booked, and the count stays open: their orders have to be dealt
    with first. Locks the count, then the stock rows in variant order. Raises StaleTransition if
    it was decided already.
    """
    count = _lock(count_id)
    lines = [
        line for line in count.lines.select_related("variant") if line.counted != line.expected
    ]
    levels = lock_whole_levels((line.variant_id, count.warehouse_id) for line in lines)
    differences = {line.variant_id: line.counted - line.expected for line in lines}
    short = [
        line
        for line in lines
        if (level := levels.get((line.variant_id, count.warehouse_id)))
        and level.on_hand + differences[line.variant_id] < level.reserved
    ]
    if short:
        return tuple(_blocked(line, levels[line.variant_id, count.warehouse_id]) for line in short)
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=count.warehouse_id,
            variant_id=variant_id,
            kind=StockMovement.Kind.COUNT,
            quantity=difference,
            reference=count.number,
            reason=count.note,
            user=user,
            occurred_at=now,
        )
        for variant_id, difference in sorted(differences.items())
    )
    _decide(count, S.APPROVED, now=now, user=user)
    found = [(pk, count.warehouse_id) for pk, difference in differences.items() if difference > 0]
    settle_after(found, now=now)
    lay_out_again(levels.values())
    return ()


@transaction.atomic(durable=True)
def reject_count(count_id: int, *, now: datetime, user: Any = None) -> None:
    """Set a count aside; nothing is booked. Raises StaleTransition if it was decided already."""
    _decide(_lock(count_id), S.REJECTED, now=now, user=user)


def _lock(count_id: int) -> StockCount:
    count = StockCount.objects.select_for_update(of=("self",)).get(pk=count_id)
    if count.status != S.OPEN:
        raise StaleTransition(f"The count {count.number} is {count.status}.")
    return count


def _decide(count: StockCount, status: StockCount.Status, *, now: datetime, user: Any) -> None:
    count.status, count.decided_at, count.decided_by = status, now, user
    count.save(update_fields=["status", "decided_at", "decided_by"])


def _blocked(line: StockCountLine, level: StockLevel) -> Blocked:
    holders = (
        ReservationLine.objects.filter(
            reservation__status="active",
            variant_id=level.variant_id,
            warehouse_id=level.warehouse_id,
            quantity__gt=0,
        )
        .order_by("-reservation_id")
        .values_list("reservation__order__number", flat=True)[:20]
    )
    return Blocked(line.variant.sku, line.counted, level.reserved, tuple(holders))


def _read(lines: Iterable[str]) -> dict[int, int]:
    text = _without_mark(list(lines))
    rows = csv.DictReader(text, delimiter=_delimiter(text))
    names = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    by = next((name for name in _NAMES if name in names), None)
    if by is None or "counted" not in names:
        raise BadCount(
            [CountProblem(1, "", _("The first line names the columns sku and counted."))]
        )
    problems: list[CountProblem] = []
    found: list[tuple[int, str, int]] = []
    for number, row in enumerate(rows, start=2):
        if number > MOST_LINES:
            message = _("A count has %(most)d lines at most.") % {"most": MOST_LINES}
            raise BadCount([CountProblem(number, "", message)])
        name, units = (row[by] or "").strip(), (row["counted"] or "").strip()
        if not name and not units:
            continue
        if not name:
            problems.append(CountProblem(number, by, _("It is empty.")))
        elif not (units.isascii() and units.isdigit()) or int(units) > 1_000_000:
            problems.append(
                CountProblem(number, "counted", _("“%(value)s” is no count.") % {"value": units})
            )
        else:
            found.append((number, name, int(units)))
    counted = _resolve(found, by=by, problems=problems)
    if not problems and not counted:
        problems.append(CountProblem(2, "", _("Nothing was counted.")))
    if problems:
        raise BadCount(sorted(problems, key=lambda problem: problem.line))
    return counted


def _resolve(
    found: Sequence[tuple[int, str, int]], *, by: str, problems: list[CountProblem]
) -> dict[int, int]:
    names = {name for _line, name, _units in found}
    variants: dict[str, list[int]] = {}
    for key, pk in Variant.objects.filter(**{f"{by}__in": names}).values_list(by, "pk"):
        variants.setdefault(key, []).append(pk)
    counted: dict[int, int] = {}
    for number, name, units in found:
        ids = variants.get(name, [])
        if len(ids) != 1:
            text = _("Several variants have this barcode.") if ids else _("No variant has it.")
            problems.append(CountProblem(number, by, f"{name}: {text}"))
        elif ids[0] in counted:
            problems.append(CountProblem(number, by, f"{name}: " + _("It was counted before.")))
        else:
            counted[ids[0]] = units
    return counted


def _without_mark(lines: Sequence[str]) -> Sequence[str]:
    return [lines[0].removeprefix("\ufeff"), *lines[1:]] if lines else []


def _delimiter(lines: Sequence[str]) -> str:
    """Spreadsheets of much of Europe write semicolons."""
    first = lines[0] if lines else ""
    return max(",;\t", key=first.count)
