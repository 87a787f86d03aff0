"""Asking a register about the tax id of somebody who buys here, and saying what came of it."""

import hashlib
from datetime import datetime
from typing import Literal

from django.core.cache import cache
from django.utils.translation import gettext as _

from markets.models import Market, TaxIdCheck
from markets.tax import Regime
from markets.tax_ids import TaxId, check_tax_id, find_check, find_requester
from storefront.quoting import CartQuote

# Registers answer each of us so many questions: nobody uses up those of all other shoppers.
QUESTIONS = 30
QUESTIONS_SECONDS = 15 * 60

Outcome = Literal["valid", "invalid", "unavailable", "no_register", "elsewhere"]


class TooManyQuestions(Exception):
    """The sender has had the registers asked too often; the id counts as not checked."""


def ask_for_sender(
    tax_id: TaxId, *, market: Market, sender: str | None, now: datetime
) -> TaxIdCheck:
    """Give what the register of a tax id's kind says of it, outside a transaction.

    `sender` is the address of who asks. Raises TooManyQuestions where it had thirty new ones
    answered in a quarter of an hour, unless the answer is known already.
    """
    key = "tax_id:" + hashlib.sha256(str(sender).encode()).hexdigest()
    if find_check(tax_id, now=now) is None and cache.get(key, 0) >= QUESTIONS:
        raise TooManyQuestions
    today = now.astimezone(market.zone).date()
    requester = find_requester(market, kind=tax_id.kind, on=today)
    check = check_tax_id(tax_id, requester=requester, now=now)
    if check.checked_at == now:
        cache.add(key, 0, timeout=QUESTIONS_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # It expired in between.
            cache.add(key, 1, timeout=QUESTIONS_SECONDS)
    return check


def outcome_of(tax_id: TaxId | None, *, now: datetime) -> Outcome:
    """Tell what counts of a tax id; None is one of another country than the parcel's."""
    if tax_id is None:
        return "elsewhere"
    if not tax_id.kind:
        return "no_register"
    check = find_check(tax_id, now=now)
    if check is None or check.outcome == TaxIdCheck.Outcome.UNAVAILABLE:
        return "unavailable"
    return "valid" if check.outcome == TaxIdCheck.Outcome.VALID else "invalid"


def is_reversed(quote: CartQuote) -> bool:
    """Tell whether the quote leaves tax out because of the buyer's id, for a parcel at least."""
    parcels = quote.tax.parcels if quote.tax else ()
    return any(parcel.regime is Regime.REVERSE_CHARGE for parcel in parcels)


def describe_outcome(outcome: Outcome, *, reverse_charge: bool, taxed: bool) -> str:
    """Say to a buyer what became of its tax id; `taxed` is whether the total has tax in it."""
    if outcome == "valid":
        return _valid(reverse_charge=reverse_charge, taxed=taxed)
    if not taxed:
        return _("The number stands on the invoice. It has not been checked.")
    if outcome == "invalid":
        return _("The tax office does not know this VAT id: VAT is charged.")
    if outcome == "elsewhere":
        return _("The VAT id is not of the country that the parcel goes to: VAT is charged.")
    if outcome == "no_register":
        return _(
            "We cannot check this number, so tax is charged. It stands on the invoice, with which "
            "your business can reclaim the tax where its law allows it."
        )
    return _(
        "The VAT id could not be checked: VAT is charged. Once it is confirmed you can ask us "
        "for it back."
    )


def _valid(*, reverse_charge: bool, taxed: bool) -> str:
    if reverse_charge and taxed:
        return _(
            "The VAT id is valid: no VAT is charged on what comes from another country, your "
            "business accounts for it."
        )
    if reverse_charge:
        return _("The VAT id is valid: no VAT is charged, your business accounts for it.")
    if taxed:
        return _("The VAT id is valid and stands on the invoice. VAT is charged here.")
    return _("The VAT id is valid and stands on the invoice.")
