"""The demo shop: twelve markets, five warehouses, 48 products; loaded by `manage.py load_demo`."""
