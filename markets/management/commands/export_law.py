from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from markets.law_files import TABLE_NAMES, export_lines


class Command(BaseCommand):
    help = "Write a table of tax or customs law as the CSV that import_law takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", choices=TABLE_NAMES)

    def handle(self, *args: Any, **options: Any) -> None:
        for line in export_lines(options["table"]):
            self.stdout.write(line, ending="")
