from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from markets.landed_cost.files import TABLES, BadFile, import_rows, read_lines
from markets.landed_cost.loading import load_duties


class Command(BaseCommand):
    help = (
        "Add the HS table, duties, import rules, fees and delivery terms that are missing; or "
        "take over a file of your own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--table", choices=list(TABLES), help="Which table the file is of.")
        parser.add_argument("--file", type=Path, help="A CSV file; all of it or nothing is taken.")

    def handle(self, *args: Any, **options: Any) -> None:
        table, path = options["table"], options["file"]
        if (table is None) is not (path is None):
            raise CommandError("A file needs its --table, and a table its --file.")
        try:
            if table is None:
                for name, count in load_duties().items():
                    self.stdout.write(f"{name}: {count} new")
                return
            with path.open("rb") as file:
                done = import_rows(table, read_lines(file))
        except (BadFile, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{table}: {done.added} added, {done.changed} changed, {done.ended} ended"
        )
