from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from djmoney.money import Money

from catalog.models import Variant
from markets.models import BasePrice
from markets.money import to_minor


@transaction.atomic
def set_base_price(
    variant_id: int, amount: Money, *, cost: Decimal | None = None, now: datetime
) -> BasePrice:
    """Set what a variant costs before derivation, from a moment on; `cost` is in its currency.

    Market prices follow with the next derivation, which the sweep brings if nobody asks for it
    before. The same amount and cost again change nothing. Locks the variant's row. Raises
    ValueError for an amount that is not positive and InexactAmount for one too fine.
    """
    value, currency = Decimal(amount.amount), str(amount.currency)
    if to_minor(value, currency) <= 0:
        raise ValueError(f"a base price must be positive, not {amount}")
    Variant.objects.select_for_update(no_key=True).only("pk").get(pk=variant_id)
    ahead = BasePrice.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=now), variant_id=variant_id
    ).order_by("valid_from")[:2]
    old = next((row for row in ahead if row.valid_from <= now), None)
    later = next((row for row in ahead if row.valid_from > now), None)
    if old and (old.amount, old.cost) == (amount, cost):
        return old
    if old and old.valid_from == now:
        new = old  # Never in force: it is written over.
    else:
        if old:
            old.valid_to = now
            old.save(update_fields=["valid_to", "changed_at"])
        new = BasePrice(variant_id=variant_id, valid_from=now)
        new.valid_to = later.valid_from if later else None
    new.amount, new.cost = amount, cost
    new.save()
    return new
