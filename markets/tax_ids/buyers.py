"""What is known of a buyer who says it is a business."""

from dataclasses import dataclass
from datetime import datetime

from markets.models import TaxIdCheck
from markets.tax_ids.checking import find_check
from markets.tax_ids.numbers import TaxIdElsewhere, TaxIdMalformed, parse_tax_id


@dataclass(frozen=True)
class KnownBuyer:
    """`tax_id_country` is as in the number; `check_id` is the evidence's row, of any outcome."""

    is_business: bool = False
    tax_id: str = ""
    tax_id_country: str = ""
    tax_id_valid: bool = False
    check_id: int | None = None


def buyer_of(tax_id: str, *, country: str, postal_code: str, now: datetime) -> KnownBuyer:
    """Tell who buys, for a parcel to a place: asks the database once, and no register.

    A VAT id counts only if its country is the place's and a register confirmed it within the
    last 24 hours; one that no register answers for never does. Without one the buyer is a
    consumer.
    """
    if not tax_id:
        return KnownBuyer()
    try:
        parsed = parse_tax_id(tax_id, country=country, postal_code=postal_code)
    except (TaxIdElsewhere, TaxIdMalformed):
        return KnownBuyer(is_business=True, tax_id=tax_id)
    check = find_check(parsed, now=now) if parsed.kind else None
    return KnownBuyer(
        is_business=True,
        tax_id=str(parsed),
        tax_id_country=parsed.prefix,
        tax_id_valid=check is not None and check.outcome == TaxIdCheck.Outcome.VALID,
        check_id=None if check is None else check.pk,
    )
