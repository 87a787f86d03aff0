from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from markets.exchange import store_sheets
from markets.rate_feeds.providers import get_ecb
from markets.rate_feeds.sheet import RateFeedError


class Command(BaseCommand):
    help = "Fetch all the ECB's reference rates since 1999, and keep those that are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sheets = list(get_ecb().fetch_history())
        except RateFeedError as error:
            raise CommandError(str(error)) from error
        added = store_sheets(sheets, provider="ecb", now=timezone.now(), settled=True)
        self.stdout.write(f"{added} rates of {len(sheets)} days are new.")
