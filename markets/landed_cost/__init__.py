"""What an order costs at a border: duties, fees and who pays them, from dated rows of law."""

from markets.landed_cost.engine import Convert, assess_duties
from markets.landed_cost.terms import (
    CostKind,
    CustomsGoods,
    CustomsParcel,
    DutyAnswer,
    DutyComponent,
    DutyNote,
    DutyTables,
)

__all__ = [
    "Convert",
    "CostKind",
    "CustomsGoods",
    "CustomsParcel",
    "DutyAnswer",
    "DutyComponent",
    "DutyNote",
    "DutyTables",
    "assess_duties",
]
