"""The demo's stock that has a story: hot, scarce, sold ahead, under way, to be counted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Variant
from fulfillment.models import (
    IncomingStock,
    StockCount,
    StockLevel,
    Transfer,
    TransferLine,
    Warehouse,
)
from fulfillment.stock import lay_out_hot_levels
from fulfillment.stock.audit import audit_stock, last_audit
from fulfillment.stock.counts import read_count
from fulfillment.stock.incoming import announce_stock
from fulfillment.stock.transfers import begin_transfer, ship_transfer
from storefront.demo.texts import read_data


def load_supply(*, now: datetime) -> None:
    """Load it where it is not there yet; what people have done with it since is left alone."""
    data = read_data("stock")
    warehouses = {row.code: row for row in Warehouse.objects.all()}
    for row in data["safety"]:
        levels = StockLevel.objects.filter(variant__sku__in=row["skus"], safety=0)
        levels.update(safety=row["units"])
    for row in data["incoming"]:
        _announce(row, warehouse=warehouses[row["warehouse"]], now=now)
    _send(data["transfer"], warehouses, now=now)
    for row in data["hot"]:
        place = {"variant__sku": row["sku"], "warehouse__code": row["warehouse"]}
        StockLevel.objects.filter(**place).exclude(buckets=row["buckets"]).update(
            buckets=row["buckets"]
        )
    lay_out_hot_levels(now)
    _count(data["count"], warehouses, now=now)
    if last_audit() is None:
        audit_stock(now)


def _announce(row: Mapping[str, Any], *, warehouse: Warehouse, now: datetime) -> None:
    if IncomingStock.objects.filter(reference=row["reference"]).exists():
        return
    variant = Variant.objects.get(sku=row["sku"])
    day = now.date() + timedelta(days=row["days"])
    announce_stock(warehouse, variant, row["units"], expected_on=day, reference=row["reference"])
    StockLevel.objects.filter(warehouse=warehouse, variant=variant).update(
        preorder_limit=row["limit"]
    )


def _send(row: Mapping[str, Any], warehouses: Mapping[str, Warehouse], *, now: datetime) -> None:
    if Transfer.objects.exists():
        return
    transfer = begin_transfer(
        Transfer(
            origin=warehouses[row["origin"]],
            destination=warehouses[row["destination"]],
            expected_on=now.date() + timedelta(days=row["days"]),
            note=row["note"],
        ),
        now=now,
    )
    variants = {variant.sku: variant for variant in Variant.objects.filter(sku__in=row["lines"])}
    for sku, units in row["lines"].items():
        TransferLine.objects.create(transfer=transfer, variant=variants[sku], quantity=units)
    ship_transfer(transfer.pk, now=now)


def _count(row: Mapping[str, Any], warehouses: Mapping[str, Warehouse], *, now: datetime) -> None:
    if StockCount.objects.exists():
        return
    warehouse = warehouses[row["warehouse"]]
    lines = ["sku,counted"]
    levels = StockLevel.objects.filter(warehouse=warehouse, variant__sku__in=row["differences"])
    for sku, on_hand in levels.order_by("variant__sku").values_list("variant__sku", "on_hand"):
        lines.append(f"{sku},{on_hand + row['differences'][sku]}")
    read_count(lines, warehouse, note=row["note"], now=now)
