from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from markets.law_files import (
    TABLE_NAMES,
    BadFile,
    Kind,
    LawFile,
    PastRewritten,
    Plan,
    plan_file,
    take_file,
)


class Command(BaseCommand):
    help = (
        "Take a file over into a table of tax or customs law, all of it or nothing: the table's "
        "own columns as CSV, or for tax_rates a list of VAT rates (JSON) or their history (CSV)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", choices=TABLE_NAMES)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Only say what would change.")
        parser.add_argument(
            "--source", default="", help="Noted where the file names none; else the file's name."
        )
        parser.add_argument(
            "--valid-from", type=date.fromisoformat,
            help="The day that a list of current rates begins; else the day the list is of.",
        )  # fmt: skip
        parser.add_argument(
            "--rewrite-past", action="store_true",
            help="Agree that what was in force before today changes.",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        path, today = options["file"], timezone.localdate()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(str(error)) from error
        file = LawFile(
            options["table"], content, source=options["source"] or path.name,
            on=options["valid_from"],
        )  # fmt: skip
        if options["dry_run"]:
            self._tell(plan_file(file, today=today), is_done=False)
            return
        try:
            done = take_file(file, today=today, rewrite_past=options["rewrite_past"])
        except BadFile as error:
            raise CommandError(str(error)) from error
        except PastRewritten:
            raise CommandError(
                "Rows in force before today would change: look with --dry-run, "
                "then agree with --rewrite-past."
            ) from None
        self._tell(done, is_done=True)

    def _tell(self, plan: Plan, *, is_done: bool) -> None:
        if plan.problems:
            raise CommandError(str(BadFile(plan.problems)))
        for change in plan.changes:
            past = "  (changes the past)" if change.rewrites_past else ""
            self.stdout.write(f"{change.kind:8} {change.row}, {_time(change.row)}{past}")
        for note in plan.notes:
            self.stdout.write(f"look at  {note}")
        counts = ", ".join(f"{plan.count(kind)} {kind}" for kind in Kind)
        end = "" if is_done else "; nothing was written"
        self.stdout.write(f"{counts}, {plan.unchanged} unchanged{end}")


def _time(row: Any) -> str:
    begins, ends = getattr(row, "valid_from", None), getattr(row, "valid_to", None)
    return f"from {begins} until {ends}" if ends else f"from {begins}"
