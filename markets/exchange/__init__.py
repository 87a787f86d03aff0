"""Exchange rates: guarding and storing what providers quote, and converting by the best of it."""

from markets.exchange.deciding import (
    AlreadyDecided,
    CannotBeApproved,
    approve_rate,
    reject_rate,
    set_manual_rate,
    withdraw_manual_rate,
)
from markets.exchange.staleness import Tier, tier_of_age
from markets.exchange.storing import store_sheet, store_sheets
from markets.exchange.table import EURO, MANUAL, PEG, RateTable, latest_rates
from markets.exchange.watching import watch_rates

__all__ = [
    "EURO",
    "MANUAL",
    "PEG",
    "AlreadyDecided",
    "CannotBeApproved",
    "RateTable",
    "Tier",
    "approve_rate",
    "latest_rates",
    "reject_rate",
    "set_manual_rate",
    "store_sheet",
    "store_sheets",
    "tier_of_age",
    "watch_rates",
    "withdraw_manual_rate",
]
