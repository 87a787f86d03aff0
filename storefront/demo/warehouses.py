"""The demo's warehouses, carriers and opening stock."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from catalog.models import Variant
from fulfillment.models import Carrier, CarrierService, StockMovement, Warehouse, Zone
from storefront.demo.texts import read_data, upsert

OPENING = "demo-opening"
CENT = Decimal("0.01")


def load_warehouses(variants: list[Variant], *, now: datetime) -> None:
    data = read_data("warehouses")
    known = read_data("stock")["opening"]
    services = [(_load_service(row), Decimal(row["factor"])) for row in data["services"]]
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
            for service, factor in services:
                if service.option != option:
                    continue
                upsert(
                    Zone,
                    by={
                        "service": service,
                        "warehouse": warehouse,
                        "countries": data["regions"][region],
                    },
                    to={
                        "base_cost": (Decimal(base) * factor).quantize(CENT),
                        "cost_per_kg": (Decimal(per_kg) * factor).quantize(CENT),
                        "transit_days_min": shortest,
                        "transit_days_max": longest,
                    },
                )
        _load_stock(warehouse, variants, share=row["share"], known=known, now=now)


def _load_service(row: dict[str, Any]) -> CarrierService:
    return upsert(
        CarrierService,
        by={"code": row["code"]},
        to={
            "carrier": upsert(
                Carrier,
                by={"code": row["carrier"].lower()},
                # Its server starts with the shop.
                to={"name": row["carrier"], "adapter": "simulated"},
            ),
            "name": row["name"],
            "option": row["option"],
        },
    )


def _load_stock(
    warehouse: Warehouse,
    variants: list[Variant],
    *,
    share: int,
    known: Mapping[str, Mapping[str, int]],
    now: datetime,
) -> None:
    """Book opening stock of `share` % of the variants, the same on every machine.

    `known` names the units by warehouse of some SKUs: those have that, and nothing elsewhere.
    """
    booked = set(
        StockMovement.objects.filter(warehouse=warehouse, reference=OPENING).values_list(
            "variant_id", flat=True
        )
    )
    units = {
        variant.pk: _opening(warehouse, variant, share=share, known=known)
        for variant in variants
        if variant.pk not in booked
    }
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse=warehouse,
            variant_id=variant_id,
            kind=StockMovement.Kind.RECEIPT,
            quantity=quantity,
            reference=OPENING,
            occurred_at=now,
        )
        for variant_id, quantity in sorted(units.items())
        if quantity
    )


def _opening(
    warehouse: Warehouse,
    variant: Variant,
    *,
    share: int,
    known: Mapping[str, Mapping[str, int]],
) -> int:
    if variant.sku in known:
        return known[variant.sku].get(warehouse.code, 0)
    draw = int(hashlib.sha256(f"{warehouse.code} {variant.sku}".encode()).hexdigest(), 16)
    return 0 if draw % 100 >= share else 6 + draw // 100 % 55
