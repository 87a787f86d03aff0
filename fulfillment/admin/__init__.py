from fulfillment.admin import (
    carrier_log,
    carriers,
    counts,
    goods_returns,
    incoming,
    lane_scores,
    parcels,
    stock_reports,
    stock_rows,
    transfers,
    warehouses,
)

__all__ = [
    "carrier_log",
    "carriers",
    "counts",
    "goods_returns",
    "incoming",
    "lane_scores",
    "parcels",
    "stock_reports",
    "stock_rows",
    "transfers",
    "warehouses",
]
