from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from catalog.models import Category
from fulfillment.models import Warehouse
from storefront.catalog_import.fetching import fetch_pictures, list_missing_pictures
from storefront.catalog_import.importing import Plan, import_products, publish
from storefront.catalog_import.known import Known
from storefront.catalog_import.parsing import parse_catalogue
from storefront.catalog_import.rows import Parsed
from storefront.catalog_import.saving import Outcome
from storefront.catalog_import.stocking import Stocking
from storefront.catalog_import.table import FileRefused


class Command(BaseCommand):
    help = (
        "Import products from a CSV file: our own form (sku, title, price_gbp …) or Shopify's"
        " product export. Repeatable: what is as the file says is not written. A row that is bad"
        " is reported and left out together with the other rows of its product."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="report and write nothing")
        parser.add_argument(
            "--atomic", action="store_true", help="import nothing if any row is bad"
        )
        parser.add_argument("--currency", help="of prices, where the file names none: GBP")
        parser.add_argument(
            "--category", help="key of the category of new products whose rows name none"
        )
        parser.add_argument(
            "--stock", type=int, default=0, metavar="N",
            help="receive N of each variant whose row states no stock; once, however often run",
        )  # fmt: skip
        parser.add_argument("--warehouse", metavar="CODE", help="where stock is received")
        parser.add_argument(
            "--fetch-images", action="store_true", help="download the pictures that rows name"
        )
        parser.add_argument(
            "--allow-private-addresses", action="store_true",
            help="fetch pictures from hosts of the inner network, too",
        )  # fmt: skip

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        now = timezone.now()
        plan = Plan(
            category=_category(options["category"]),
            stocking=_stocking(options["warehouse"], options["stock"]),
            dry_run=options["dry_run"],
            whole=options["atomic"],
        )
        try:
            parsed = parse_catalogue(file, known=Known.load(), currency=options["currency"])
        except FileRefused as refused:
            raise CommandError(str(refused)) from None
        for note in parsed.notes:
            self.stderr.write(note)
        for error in parsed.errors:
            self.stderr.write(self.style.ERROR(str(error)))
        # Quiet where standard error is no terminal.
        with tqdm(total=len(parsed.products), unit=" products", disable=None) as bar:
            outcome = import_products(parsed, plan=plan, now=now, progress=bar.update)
        if not plan.dry_run:
            publish(outcome, now=now)
        self.stdout.write(_summary(parsed, outcome, plan=plan))
        unavailable = 0
        if options["fetch_images"] and not plan.dry_run:
            unavailable = self._fetch(parsed, allow_private=options["allow_private_addresses"])
        if parsed.errors or unavailable:
            raise CommandError("The file is not imported completely; the reasons are above.")

    def _fetch(self, parsed: Parsed, *, allow_private: bool) -> int:
        missing = list_missing_pictures(product.key for product in parsed.products)
        failed = 0
        with tqdm(total=len(missing), unit=" pictures", disable=None) as bar:
            for failure in fetch_pictures(
                missing, allow_private=allow_private, progress=bar.update
            ):
                self.stderr.write(self.style.ERROR(failure))
                failed += 1
        self.stdout.write(
            f"{_count(len(missing), 'picture')}: {len(missing) - failed:,} fetched,"
            f" {failed:,} not available"
        )
        return failed


def _category(key: str | None) -> Category | None:
    if key is None:
        return None
    try:
        return Category.objects.get(key=key)
    except Category.DoesNotExist:
        raise CommandError(f"There is no category “{key}”.") from None


def _stocking(code: str | None, quantity: int) -> Stocking | None:
    if quantity < 0:
        raise CommandError("--stock is a number of units and not negative.")
    if code is None:
        if quantity:
            raise CommandError("Say with --warehouse where the stock is received.")
        return None
    try:
        return Stocking(Warehouse.objects.get(code=code), quantity)
    except Warehouse.DoesNotExist:
        raise CommandError(f"There is no warehouse “{code}”.") from None


def _summary(parsed: Parsed, outcome: Outcome, *, plan: Plan) -> str:
    refused = plan.whole and parsed.errors
    # Of one row several things may be wrong.
    left_out = len({error.line for error in parsed.errors})
    if refused:
        left_out += sum(len(product.lines) for product in parsed.products)
    summary = (
        f"{_count(outcome.products, 'product')}: {outcome.added:,} added,"
        f" {outcome.changed:,} changed, {outcome.unchanged:,} unchanged,"
        f" {_count(left_out, 'row')} left out"
    )
    return f"{summary} (nothing was written: dry run)" if plan.dry_run else summary


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
