"""A buyer that is a business: its name and VAT id at checkout, and what became of the id."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _

from markets.models import TaxIdCheck
from markets.tax_ids import (
    TaxId,
    TaxIdElsewhere,
    TaxIdMalformed,
    find_check,
    find_local,
    parse_tax_id,
    prefix_of_place,
)
from orders.models import Address, Cart
from storefront.shops import Shop
from storefront.tax_id_checks import (
    TooManyQuestions,
    ask_for_sender,
    describe_outcome,
    outcome_of,
)

Mood = Literal["good", "plain", "warn"]

BUSINESS = "business"
COMPANY, TAX_ID = "business-company", "business-tax-id"
SILENCE_COUNTS_FOR = timedelta(minutes=5)
_LONGEST_COMPANY = 120
_MOODS: dict[str, Mood] = {"valid": "good", "no_register": "plain"}


@dataclass(frozen=True)
class BusinessForm:
    """What is asked of a business in the parcel's country; `label` is empty where nothing is."""

    label: str
    hint: str
    company: str
    tax_id: str
    company_error: str
    tax_id_error: str

    @property
    def is_open(self) -> bool:
        return any((self.company, self.tax_id, self.company_error, self.tax_id_error))

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong as (id of the field, message), in the form's order."""
        told = ((f"id_{COMPANY}", self.company_error), (f"id_{TAX_ID}", self.tax_id_error))
        return tuple((field, message) for field, message in told if message)


@dataclass(frozen=True)
class Business:
    """What a buyer told of its business; both are empty for a consumer."""

    company: str = ""
    tax_id: str = ""


@dataclass(frozen=True)
class BusinessAnswer:
    """What is shown of a VAT id: the id, the sentence and how it is meant."""

    company: str
    tax_id: str
    text: str
    mood: Mood


class BusinessInvalid(Exception):
    """Something typed is wrong; `problems` are field to reason."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(str(problems))
        self.problems = problems


def business_form(
    data: Mapping[str, str],
    *,
    country: str,
    country_name: str,
    postal_code: str,
    problems: Mapping[str, str],
) -> BusinessForm:
    """Give the form for a parcel's country with what was typed and, beside it, what is wrong."""
    prefix = prefix_of_place(country, postal_code=postal_code)
    label, hint = _field(prefix)
    return BusinessForm(
        label=label,
        hint=hint,
        company=data.get(COMPANY, ""),
        tax_id=data.get(TAX_ID, ""),
        company_error=_("Enter the company's name.") if "company" in problems else "",
        tax_id_error=_message(problems.get("tax_id", ""), prefix=prefix, country=country_name),
    )


def business_data(cart: Cart) -> dict[str, str]:
    """Give what the cart holds as the form's fields."""
    return {COMPANY: cart.company, TAX_ID: cart.tax_id}


def read_business(
    data: Mapping[str, str], *, address: Mapping[str, str], billing: Mapping[str, str] | None
) -> Business:
    """Read what was typed for a parcel to an address, and ask nobody. Raises BusinessInvalid.

    Where VAT ids have no effect there is no business either. A company that stands in an address
    need not be typed again.
    """
    country, postal_code = address["country"], address.get("postal_code", "")
    if not prefix_of_place(country, postal_code=postal_code):
        return Business()
    typed = data.get(TAX_ID, "").strip()
    company = " ".join(data.get(COMPANY, "").split())[:_LONGEST_COMPANY]
    if not typed:
        return Business(company=company)
    company = company or (billing or {}).get("company_name", "") or address.get("company_name", "")
    problems = {} if company else {"company": "required"}
    try:
        tax_id = parse_tax_id(typed, country=country, postal_code=postal_code)
    except TaxIdElsewhere:
        raise BusinessInvalid({**problems, "tax_id": "elsewhere"}) from None
    except TaxIdMalformed:
        raise BusinessInvalid({**problems, "tax_id": "malformed"}) from None
    if problems:
        raise BusinessInvalid(problems)
    return Business(company=company, tax_id=str(tax_id))


def ask_about(
    business: Business,
    *,
    shop: Shop,
    address: Mapping[str, str],
    sender: str | None,
    now: datetime,
) -> None:
    """Ask the register about a business's VAT id, outside a transaction.

    `sender` is the address of who asks. Raises BusinessInvalid if the register says no. That it
    says nothing, or is not asked, is no reason to keep a shopper from buying: VAT is charged then.
    """
    tax_id = _parse(business.tax_id, address) if business.tax_id else None
    if tax_id is None or not tax_id.kind:
        return
    with suppress(TooManyQuestions):
        check = ask_for_sender(tax_id, market=shop.market, sender=sender, now=now)
        if check.outcome == TaxIdCheck.Outcome.INVALID:
            raise BusinessInvalid({"tax_id": "unknown"})


def refresh_check(cart: Cart, *, shop: Shop, sender: str | None, now: datetime) -> None:
    """Ask the register about the cart's VAT id again once its last answer counts no more.

    While it is out a shopper waits for it once, and not at every step: its silence counts for
    five minutes here.
    """
    tax_id = _tax_id_of(cart)
    if tax_id is None or not tax_id.kind:
        return
    known = find_check(tax_id, now=now)
    was_silent = known is not None and known.outcome == TaxIdCheck.Outcome.UNAVAILABLE
    if known is None or (was_silent and now - known.checked_at >= SILENCE_COUNTS_FOR):
        with suppress(TooManyQuestions):
            ask_for_sender(tax_id, market=shop.market, sender=sender, now=now)


def answer_for(
    cart: Cart, *, now: datetime, reverse_charge: bool, taxed: bool
) -> BusinessAnswer | None:
    """Tell a business what became of its VAT id; None for anybody else.

    `reverse_charge` is whether the quote leaves VAT out because of the id, for some of its
    parcels at least; `taxed` whether there is any tax in it.
    """
    if not cart.tax_id:
        return None
    tax_id = _tax_id_of(cart)
    outcome = outcome_of(tax_id, now=now)
    return BusinessAnswer(
        company=cart.company,
        tax_id=tax_id.as_written if tax_id else cart.tax_id,
        text=describe_outcome(outcome, reverse_charge=reverse_charge, taxed=taxed),
        mood=_MOODS.get(outcome, "warn"),
    )


def _tax_id_of(cart: Cart) -> TaxId | None:
    address: Address | None = cart.shipping_address
    if not cart.tax_id or address is None:
        return None
    return _parse(cart.tax_id, {"country": address.country, "postal_code": address.postal_code})


def _parse(tax_id: str, address: Mapping[str, str]) -> TaxId | None:
    try:
        return parse_tax_id(
            tax_id, country=address["country"], postal_code=address.get("postal_code", "")
        )
    except (TaxIdElsewhere, TaxIdMalformed):
        return None


def _field(prefix: str) -> tuple[str, str]:
    """Name the field of the ids with a prefix and say what becomes of them."""
    if not prefix:
        return "", ""
    local = find_local(prefix)
    if local is None:
        hint = _(
            "Begins with %(prefix)s. It is checked with the tax office and stands on the invoice."
        )
        return _("VAT id"), hint % {"prefix": prefix}
    hint = _("Such as %(example)s. It stands on the invoice; tax is charged all the same.")
    # Isolated, so that its parts keep their order in text from right to left.
    return local.name, hint % {"example": f"\u2068{local.example}\u2069"}


def _message(problem: str, *, prefix: str, country: str) -> str:
    if not problem:
        return ""
    local = find_local(prefix)
    facts = {"country": country, "prefix": prefix}
    if local is not None:
        facts |= {"name": local.name, "example": f"\u2068{local.example}\u2069"}
        return _("This is no %(name)s of %(country)s, such as %(example)s.") % facts
    if problem == "elsewhere":
        return (
            _(
                "The VAT id has to be of the country that the parcel goes to (%(country)s) and "
                "begin with %(prefix)s. Change it, or leave it empty."
            )
            % facts
        )
    if problem == "unknown":
        return _(
            "The tax office does not know this VAT id. Correct it, or leave it empty: VAT is "
            "charged then."
        )
    return (
        _("This is no VAT id of %(country)s, which begins with %(prefix)s. Check each digit.")
        % facts
    )
