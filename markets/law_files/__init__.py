"""Tables of law as files: looked at before they are taken over, and given out again."""

from markets.law_files.exporting import BYTE_ORDER_MARK, export_lines
from markets.law_files.plans import Change, Kind, Plan
from markets.law_files.problems import BadFile, Problem
from markets.law_files.sheets import MOST_BYTES
from markets.law_files.tables import DUTY_TABLES, LAW_TABLES, LawTable, column_words
from markets.law_files.taking import (
    HS_CODES,
    TABLE_NAMES,
    LawFile,
    PastRewritten,
    PlanChanged,
    add_missing,
    plan_file,
    take_file,
)

__all__ = [
    "BYTE_ORDER_MARK",
    "DUTY_TABLES",
    "HS_CODES",
    "LAW_TABLES",
    "MOST_BYTES",
    "TABLE_NAMES",
    "BadFile",
    "Change",
    "Kind",
    "LawFile",
    "LawTable",
    "PastRewritten",
    "Plan",
    "PlanChanged",
    "Problem",
    "add_missing",
    "column_words",
    "export_lines",
    "plan_file",
    "take_file",
]
