from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.indexing import index_changed, index_products
from catalog.models import Product


class Command(BaseCommand):
    help = "Bring the search index up to date; with --all make it anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="index what has not changed, too")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["all"]:
            count = index_products(Product.objects.values_list("pk", flat=True), now=now)
        else:
            count = index_changed(now=now)
        self.stdout.write(f"{count:,} products indexed.")
