from typing import Any

from django.core.management.base import BaseCommand, CommandError

from markets.landed_cost.loading import load_duties
from markets.law_files import BadFile


class Command(BaseCommand):
    help = "Add the HS table, duties, import rules, fees and delivery terms that are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_duties()
        except BadFile as error:
            raise CommandError(str(error)) from error
        for name, count in loaded.items():
            self.stdout.write(f"{name}: {count} new")
