"""What follows when units have come: those who bought ahead get them."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import transaction

from fulfillment.stock.preorders import Key, settle_preorders


def settle_after(keys: Collection[Key], *, now: datetime) -> None:
    """Settle what was sold ahead of these stock rows once the transaction of a receipt has ended.

    `keys` are (variant id, warehouse id). Orders are locked before stock rows everywhere, so it
    cannot happen within. Where it fails, the sweep does it.
    """
    if keys:
        transaction.on_commit(partial(settle_preorders, list(keys), now=now), robust=True)
