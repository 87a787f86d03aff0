from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.indexing import index_changed
from catalog.models import Category
from markets.pricing import derive_prices
from storefront.catalog_import.categories import default_category
from storefront.catalog_import.rows import Parsed
from storefront.catalog_import.saving import Outcome, Saver
from storefront.catalog_import.stocking import Stocking, book_opening_stock

BATCH = 250


@dataclass(frozen=True)
class Plan:
    """How a file is imported; without a category new products go to giftware."""

    category: Category | None = None
    stocking: Stocking | None = None
    dry_run: bool = False
    whole: bool = False


def import_products(
    parsed: Parsed, *, plan: Plan, now: datetime, progress: Callable[[int], object] = int
) -> Outcome:
    """Save a file's products and say what came of it; `progress` is told of each batch's size.

    Each batch is a transaction, or all of them together are one where `plan.whole` is set. A
    dry run does the same and takes it back. With `plan.whole`, bad rows keep all others out.
    Prices of markets and search follow from change stamps, or at once by `publish`.
    """
    if plan.whole and parsed.errors:
        return Outcome()
    together = plan.whole or plan.dry_run
    with transaction.atomic(durable=True) if together else nullcontext():
        saver = Saver(category=plan.category or default_category(), now=now)
        for start in range(0, len(parsed.products), BATCH):
            batch = parsed.products[start : start + BATCH]
            with transaction.atomic():
                saver.save(batch)
                if plan.stocking:
                    book_opening_stock(batch, stocking=plan.stocking, now=now)
            progress(len(batch))
        if plan.dry_run:
            transaction.set_rollback(True)
    return saver.outcome


def publish(outcome: Outcome, *, now: datetime) -> None:
    """Price what was imported in every market and let it be found, without waiting for sweeps."""
    if outcome.priced:
        derive_prices(now=now, variant_ids=outcome.priced)
    if outcome.added or outcome.changed:
        index_changed(now=now)
