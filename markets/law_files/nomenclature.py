"""The HS nomenclature from a file: headings by code, whose words may change with an edition."""

from django.utils.translation import gettext as _

from markets.law_files.plans import Change, Kind, Plan
from markets.law_files.problems import Problem
from markets.law_files.sheets import Sheet
from markets.models.duties import HsCode

# What public lists of the nomenclature call the code; their other columns follow from it.
_CODE_NAMES = ("code", "hscode", "hs_code")


def plan_nomenclature(sheet: Sheet) -> Plan:
    """Plan which headings are added and reworded; codes that the file leaves out stay."""
    code_name = next((name for name in _CODE_NAMES if name in sheet.names), "")
    missing = [
        Problem(1, name, _("The column is missing."))
        for name, is_there in (("code", code_name), ("description", "description" in sheet.names))
        if not is_there
    ]
    if missing:
        return Plan(problems=tuple(missing))
    there = HsCode.objects.in_bulk()
    problems = list(sheet.problems)
    changes: list[Change] = []
    first: dict[str, int] = {}
    unchanged = 0
    for record in sheet.records:
        code, words = record.cells[code_name].replace(".", ""), record.cells["description"]
        if problem := _problem(code, words, first.get(code, 0)):
            column, message = problem
            problems.append(Problem(record.line, column, message))
            continue
        first[code] = record.line
        row, was = HsCode(code=code, description=words, level=len(code)), there.get(code)
        if was is None:
            changes.append(Change(Kind.NEW, row, record.line))
        elif was.description.strip() != words:
            told = (("description", was.description, words),)
            changes.append(Change(Kind.CHANGED, row, record.line, told))
        else:
            unchanged += 1
    return Plan(
        changes=tuple(changes),
        unchanged=unchanged,
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
    )


def _problem(code: str, words: str, before: int) -> tuple[str, str] | None:
    if not (code.isascii() and code.isdecimal() and len(code) in (2, 4, 6)):
        message = _("An HS code has 2, 4 or 6 digits; a spreadsheet may have dropped its first 0.")
        return "code", message
    if before:
        return "code", _("Line %(line)d has the same code.") % {"line": before}
    if not words:
        return "description", _("It has no words.")
    return None
