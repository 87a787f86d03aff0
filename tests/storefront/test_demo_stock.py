"""The demo's stock with a story fits its goods and warehouses."""

from catalog.models import Variant
from fulfillment.models import Warehouse
from storefront.demo.texts import read_data
from storefront.demo.warehouses import _opening

STOCK = read_data("stock")
SKUS = {row["sku"] for product in read_data("products")["products"] for row in product["variants"]}
SHARES = {row["code"]: row["share"] for row in read_data("warehouses")["warehouses"]}


def _units(warehouse: str, sku: str) -> int:
    return _opening(
        Warehouse(code=warehouse), Variant(sku=sku), share=SHARES[warehouse],
        known=STOCK["opening"],
    )  # fmt: skip


def test_every_sku_and_warehouse_is_known() -> None:
    named = {
        *STOCK["opening"],
        *STOCK["transfer"]["lines"],
        *STOCK["count"]["differences"],
        *(sku for row in STOCK["safety"] for sku in row["skus"]),
        *(row["sku"] for row in [*STOCK["hot"], *STOCK["incoming"]]),
    }
    assert named <= SKUS
    places = {
        STOCK["transfer"]["origin"], STOCK["transfer"]["destination"], STOCK["count"]["warehouse"],
        *(row["warehouse"] for row in [*STOCK["hot"], *STOCK["incoming"]]),
        *(code for units in STOCK["opening"].values() for code in units),
    }  # fmt: skip
    assert places <= SHARES.keys()


def test_transfer_can_be_shipped() -> None:
    transfer = STOCK["transfer"]
    for sku, units in transfer["lines"].items():
        assert _units(transfer["origin"], sku) >= units, sku


def test_hot_seller_is_worth_laying_out() -> None:
    for row in STOCK["hot"]:
        sent = STOCK["transfer"]["lines"].get(row["sku"], 0)
        assert _units(row["warehouse"], row["sku"]) - sent >= 4 * row["buckets"]


def test_what_is_sold_ahead_is_to_come() -> None:
    assert all(row["limit"] <= row["units"] for row in STOCK["incoming"])
