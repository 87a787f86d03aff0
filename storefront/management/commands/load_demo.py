from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from markets.models import Market
from storefront.demo.loading import load_demo


class Command(BaseCommand):
    help = "Load the demo shop; what is there already is left as it should be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there is a market already"
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        if if_empty and Market.objects.exists():
            return
        loaded = load_demo(now=timezone.now())
        self.stdout.write(
            f"Demo shop: {loaded['products']} products, {loaded['variants']} variants."
        )
