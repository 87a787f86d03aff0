"""A business that asks: its tax id is read and checked as at checkout."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from markets.models import Market
from markets.tax_ids import (
    TaxId,
    TaxIdElsewhere,
    TaxIdMalformed,
    parse_tax_id,
    prefix_of_place,
)
from storefront.api.asking import QuoteQuestion, refuse_unserved
from storefront.api.problems import INVALID, TOO_MANY, Fault, Problem
from storefront.client_address import client_address
from storefront.quoting import CartQuote
from storefront.tax_id_checks import (
    QUESTIONS,
    QUESTIONS_SECONDS,
    Outcome,
    TooManyQuestions,
    ask_for_sender,
    describe_outcome,
    is_reversed,
    outcome_of,
)


@dataclass(frozen=True)
class AskedBuyer:
    """`tax_id` is None where none was given; `outcome` is what counts of it."""

    company: str = ""
    tax_id: TaxId | None = None
    outcome: Outcome = "unavailable"

    @property
    def number(self) -> str:
        return str(self.tax_id or "")


def read_buyer(
    question: QuoteQuestion, market: Market, *, request: HttpRequest, now: datetime
) -> AskedBuyer:
    """Read the buyer's tax id and have its register asked, outside a transaction.

    Raises Problem where it cannot be one of the place, or the sender asks too often.
    """
    if not question.tax_id:
        return AskedBuyer(question.company)
    refuse_unserved(question, market)
    tax_id = _read(question)
    if tax_id.kind:
        try:
            ask_for_sender(tax_id, market=market, sender=client_address(request), now=now)
        except TooManyQuestions:
            raise Problem(
                TOO_MANY,
                _("No more than %(count)s tax ids are checked in a quarter of an hour.")
                % {"count": QUESTIONS},
                retry_after=QUESTIONS_SECONDS,
            ) from None
    return AskedBuyer(question.company, tax_id, outcome_of(tax_id, now=now))


def describe_buyer(buyer: AskedBuyer, quote: CartQuote) -> dict[str, object] | None:
    """Tell what became of the tax id; None for a consumer."""
    if buyer.tax_id is None:
        return None
    reverse_charge = is_reversed(quote)
    taxed = quote.tax is not None and bool(quote.tax.tax)
    return {
        "company": buyer.company,
        "tax_id": buyer.number,
        "check": buyer.outcome,
        "reverse_charge": reverse_charge,
        "words": describe_outcome(buyer.outcome, reverse_charge=reverse_charge, taxed=taxed),
    }


def _read(question: QuoteQuestion) -> TaxId:
    country, postal_code = question.country, question.postal_code
    try:
        return parse_tax_id(question.tax_id, country=country, postal_code=postal_code)
    except TaxIdElsewhere as error:
        words = _("It is of another country; here they begin with %(prefix)s.")
        words %= {"prefix": error.prefix}
    except TaxIdMalformed:
        words = (
            _("It is no tax id of this country.")
            if prefix_of_place(country, postal_code=postal_code)
            else _("Tax ids of this country are not read here.")
        )
    raise Problem(
        INVALID,
        _("“errors” says what is wrong, and where."),
        faults=[Fault(words, pointer="#/tax_id")],
    )
