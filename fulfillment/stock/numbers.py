"""Numbers of counts and transfers: the warehouse, the day there and the place in the day."""

from datetime import datetime

from fulfillment.models import StockCount, Transfer, Warehouse


def number_of_the_day(
    model: type[StockCount | Transfer], warehouse: Warehouse, *, letter: str, now: datetime
) -> str:
    """Name a new row of a warehouse: `RTM-C261125-2`. Locks the warehouse's row."""
    Warehouse.objects.select_for_update(of=("self",)).get(pk=warehouse.pk)
    stem = f"{warehouse.code.upper()[:8]}-{letter}{now.astimezone(warehouse.zone):%y%m%d}-"
    rows = model._default_manager.filter(number__startswith=stem)
    return f"{stem}{rows.count() + 1}"
