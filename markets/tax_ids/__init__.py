"""VAT ids of business buyers: how they are written, whether they are registered, the evidence."""

from markets.tax_ids.buyers import KnownBuyer, buyer_of
from markets.tax_ids.checking import check_tax_id, find_check
from markets.tax_ids.forgetting import forget_checks
from markets.tax_ids.local import LocalNumber, find_local
from markets.tax_ids.numbers import (
    TaxId,
    TaxIdElsewhere,
    TaxIdMalformed,
    parse_tax_id,
    prefix_of_place,
    read_tax_id,
)
from markets.tax_ids.registers import find_requester

__all__ = [
    "KnownBuyer",
    "LocalNumber",
    "TaxId",
    "TaxIdElsewhere",
    "TaxIdMalformed",
    "buyer_of",
    "check_tax_id",
    "find_check",
    "find_local",
    "find_requester",
    "forget_checks",
    "parse_tax_id",
    "prefix_of_place",
    "read_tax_id",
]
