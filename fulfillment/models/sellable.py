from typing import ClassVar

from django.db import models

from catalog.models import Variant
from fulfillment.models.stock import Warehouse


class Sellable(models.Model):
    """What can be sold of a variant from a warehouse: the one definition, a view of the levels.

    `units` are here: on hand, neither reserved nor owed to those who bought ahead nor safety
    stock, with what lies in buckets. `incoming` lists [day, units] that are to come, the earliest
    first; of those, up to `preorder_limit` may be sold ahead, and `preordered` are.
    """

    id = models.BigIntegerField(primary_key=True)
    warehouse = models.ForeignKey(Warehouse, models.DO_NOTHING, related_name="+")
    variant = models.ForeignKey(Variant, models.DO_NOTHING, related_name="sellable")
    units = models.IntegerField()
    preorder_limit = models.IntegerField()
    preordered = models.IntegerField()
    incoming = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "fulfillment_sellable"
        ordering: ClassVar = ["variant", "warehouse"]

    def __str__(self) -> str:
        return f"{self.warehouse_id} {self.variant_id}: {self.units}"
