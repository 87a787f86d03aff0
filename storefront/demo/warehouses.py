"""The demo's warehouses, carriers and opening stock."""

import hashlib
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from catalog.models import Variant
from fulfillment.models import CarrierService, StockMovement, Warehouse, Zone
from fulfillment.stock import receive_stock
from storefront.demo.texts import read_data, upsert

OPENING = "demo-opening"


def load_warehouses(variants: list[Variant], *, now: datetime) -> None:
    data = read_data("warehouses")
    services = {row["option"]: _load_service(row) for row in data["services"]}
    for row in data["warehouses"]:
        warehouse = upsert(
            Warehouse,
            by={"code": row["code"]},
            to={
                **{key: row[key] for key in ("name", "country", "address", "time_zone")},
                "region": row.get("region", ""),
                "postal_code": row.get("postal_code", ""),
                "cutoff": time.fromisoformat(row["cutoff"]),
            },
        )
        for option, region, base, per_kg, shortest, longest in row["zones"]:
            upsert(
                Zone,
                by={
                    "service": services[option],
                    "warehouse": warehouse,
                    "countries": data["regions"][region],
                },
                to={
                    "base_cost": Decimal(base),
                    "cost_per_kg": Decimal(per_kg),
                    "transit_days_min": shortest,
                    "transit_days_max": longest,
                },
            )
        _load_stock(warehouse, variants, share=row["share"], now=now)


def _load_service(row: dict[str, Any]) -> CarrierService:
    return upsert(
        CarrierService,
        by={"code": row["code"]},
        to={key: row[key] for key in ("carrier", "name", "option")},
    )


def _load_stock(
    warehouse: Warehouse, variants: list[Variant], *, share: int, now: datetime
) -> None:
    """Book opening stock of `share` % of the variants, the same on every machine."""
    booked = set(
        StockMovement.objects.filter(warehouse=warehouse, reference=OPENING).values_list(
            "variant_id", flat=True
        )
    )
    for variant in variants:
        draw = int(hashlib.sha256(f"{warehouse.code} {variant.sku}".encode()).hexdigest(), 16)
        if variant.pk in booked or draw % 100 >= share:
            continue
        receive_stock(warehouse, variant, 6 + draw // 100 % 55, reference=OPENING, now=now)
