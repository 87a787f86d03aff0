from fulfillment.admin import carriers, goods_returns, parcels, stock_rows, warehouses

__all__ = ["carriers", "goods_returns", "parcels", "stock_rows", "warehouses"]
