"""Reading what a caller asks, and naming everything that is wrong with it at once."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from markets.models import CustomerGroup, Market
from markets.selectors import list_countries
from orders.addresses import address_form_rules
from orders.errors import AddressInvalid
from storefront.api.problems import (
    INVALID,
    NOT_JSON,
    NOT_PERMITTED,
    NOT_SERVED,
    TOO_LARGE,
    WRONG_CURRENCY,
    Fault,
    Problem,
)

MOST_LINES = 100
MOST_UNITS = 999
MOST_BYTES = 64 * 1024
MOST_LETTERS = 64
MOST_LETTERS_OF_PLACE = 120
STAFF_PARAMETERS = ("explain", "at", "group")
COMMON_PARAMETERS = ("language", *STAFF_PARAMETERS)
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class StaffWish:
    """What only staff may ask: words of why, another moment, the prices of groups."""

    explain: bool = False
    at: datetime | None = None
    group_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class PriceQuestion:
    skus: tuple[str, ...]
    quantity: int
    coupon: str
    currency: str


@dataclass(frozen=True)
class AskedLine:
    sku: str
    quantity: int


@dataclass(frozen=True)
class QuoteQuestion:
    """A basket to quote; what is empty of its place and delivery was not given."""

    lines: tuple[AskedLine, ...]
    coupon: str
    country: str
    region: str
    postal_code: str
    delivery: str
    currency: str
    tax_id: str
    company: str


def read_staff_wish(request: HttpRequest) -> StaffWish:
    """Read what staff may ask for; touches the session only where something of it is asked.

    Raises Problem for others. Takes two queries for the person and one for groups.
    """
    if not any(name in request.GET for name in STAFF_PARAMETERS):
        return StaffWish()
    user = request.user
    if not (user.is_authenticated and user.is_staff and user.has_perm("markets.view_price")):
        raise Problem(NOT_PERMITTED, _("Sign in as somebody who may see prices in admin."))
    faults: list[Fault] = []
    explain = request.GET.get("explain", "0")
    if explain not in ("0", "1"):
        faults.append(Fault(_("It is 0 or 1."), parameter="explain"))
    at = _moment(request.GET["at"], faults) if "at" in request.GET else None
    codes = set(request.GET.getlist("group"))
    groups = {
        group.code: group.pk
        for group in (CustomerGroup.objects.filter(code__in=codes) if _all_plain(codes) else ())
    }
    if groups.keys() != codes:
        faults.append(Fault(_("There is no such customer group."), parameter="group"))
    _refuse(faults)
    return StaffWish(explain == "1", at, tuple(sorted(groups.values())))


def read_price_question(request: HttpRequest) -> PriceQuestion:
    faults: list[Fault] = []
    query = request.GET
    _refuse_unknown(
        query, ("sku", "quantity", "coupon", "currency", *COMMON_PARAMETERS), faults,
        where="parameter",
    )  # fmt: skip
    skus = tuple(dict.fromkeys(query.getlist("sku")))
    if not 1 <= len(skus) <= MOST_LINES:
        words = _("Give 1 to %(most)s of them.") % {"most": MOST_LINES}
        faults.append(Fault(words, parameter="sku"))
    elif not all(_is_plain(sku) for sku in skus):
        faults.append(Fault(_no_text(MOST_LETTERS), parameter="sku"))
    typed = query.get("quantity", "1")
    quantity = int(typed) if re.fullmatch(r"[0-9]{1,3}", typed) else 0
    if quantity < 1:
        faults.append(Fault(_no_quantity(), parameter="quantity"))
    coupon = query.get("coupon", "")
    if coupon and not _is_plain(coupon):
        faults.append(Fault(_no_text(MOST_LETTERS), parameter="coupon"))
    _refuse(faults)
    return PriceQuestion(skus, quantity, coupon, query.get("currency", ""))


def read_quote_question(request: HttpRequest) -> QuoteQuestion:
    """Read the body of a quote and the query string's staff wishes; raises Problem."""
    body = _read_json(request)
    faults: list[Fault] = []
    _refuse_unknown(request.GET, COMMON_PARAMETERS, faults, where="parameter")
    names = (
        *("lines", "coupon", "country", "region", "postal_code", "delivery", "currency"),
        *("tax_id", "company"),
    )
    _refuse_unknown(body, names, faults, where="pointer")
    lines = _lines(body.get("lines"), faults)
    country = _text(body, "country", faults)
    region = _text(body, "region", faults, most=MOST_LETTERS_OF_PLACE)
    question = QuoteQuestion(
        lines=lines,
        coupon=_text(body, "coupon", faults),
        country=country,
        region=_region(country, region, faults) if country else region,
        # As an address has it: rules of law go by the beginnings of postal codes.
        postal_code=" ".join(_text(body, "postal_code", faults).split()).upper(),
        delivery=_text(body, "delivery", faults),
        currency=_text(body, "currency", faults),
        tax_id=_text(body, "tax_id", faults),
        company=_text(body, "company", faults, most=MOST_LETTERS_OF_PLACE),
    )
    if question.country and not _COUNTRY.fullmatch(question.country):
        faults.append(Fault(_("It is a code of two capital letters."), pointer="#/country"))
    if question.region and not question.country:
        faults.append(Fault(_("A region needs its country."), pointer="#/region"))
    if question.postal_code and not question.country:
        faults.append(Fault(_("A postal code needs its country."), pointer="#/postal_code"))
    if question.tax_id and not question.country:
        faults.append(Fault(_("A tax id needs its country."), pointer="#/tax_id"))
    _refuse(faults)
    return question


def refuse_unknown_parameters(request: HttpRequest) -> None:
    """Raise Problem where anything but a language is asked for."""
    faults: list[Fault] = []
    _refuse_unknown(request.GET, ("language",), faults, where="parameter")
    _refuse(faults)


def refuse_other_currency(asked: str, market: Market) -> None:
    """Raise Problem where a currency was asked for that the market does not sell in."""
    if asked and asked != market.currency:
        raise Problem(
            WRONG_CURRENCY,
            _("Market %(market)s sells in %(currency)s alone.")
            % {"market": market.code, "currency": market.currency},
        )


def refuse_unserved(question: QuoteQuestion, market: Market) -> None:
    """Raise Problem where the market does not sell to the country that was asked for."""
    countries = list_countries(market)
    if question.country and question.country not in countries:
        raise Problem(
            NOT_SERVED,
            _("Market %(market)s sells to %(countries)s.")
            % {"market": market.code, "countries": ", ".join(countries)},
        )


def _read_json(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Problem(NOT_JSON, _("The content type is application/json."))
    # No more is read of a longer body, whatever length it claims to have.
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        words = _("A body has no more than %(most)s bytes.") % {"most": MOST_BYTES}
        raise Problem(TOO_LARGE, words)
    try:
        body = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Problem(INVALID, _("The body is no JSON in UTF-8.")) from None
    if not isinstance(body, dict):
        raise Problem(INVALID, _("The body is an object."))
    return body


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _lines(given: Any, faults: list[Fault]) -> tuple[AskedLine, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_LINES:
        words = _("It is a list of 1 to %(most)s lines.") % {"most": MOST_LINES}
        faults.append(Fault(words, pointer="#/lines"))
        return ()
    lines: dict[str, AskedLine] = {}
    for number, row in enumerate(given):
        place = f"#/lines/{number}"
        if not isinstance(row, dict):
            faults.append(Fault(_("It is an object with sku and quantity."), pointer=place))
            continue
        _refuse_unknown(row, ("sku", "quantity"), faults, where="pointer", under=f"/lines/{number}")
        sku, quantity = row.get("sku"), row.get("quantity")
        if not isinstance(sku, str) or not _is_plain(sku):
            faults.append(Fault(_no_text(MOST_LETTERS), pointer=f"{place}/sku"))
        elif sku in lines:
            faults.append(Fault(_("The same SKU has a line already."), pointer=f"{place}/sku"))
        elif type(quantity) is int and 1 <= quantity <= MOST_UNITS:
            lines[sku] = AskedLine(sku, quantity)
        if type(quantity) is not int or not 1 <= quantity <= MOST_UNITS:
            faults.append(Fault(_no_quantity(), pointer=f"{place}/quantity"))
    return tuple(lines.values())


def _text(
    body: Mapping[str, Any], name: str, faults: list[Fault], *, most: int = MOST_LETTERS
) -> str:
    given = body.get(name)
    if given is None or given == "":
        return ""
    if not isinstance(given, str) or not _is_plain(given, most=most):
        faults.append(Fault(_no_text(most), pointer=f"#/{name}"))
        return ""
    return given


def _region(country: str, typed: str, faults: list[Fault]) -> str:
    """Give a region's code as an address has it, by its code or its name."""
    try:
        fields = address_form_rules(country).fields
    except AddressInvalid:
        return ""  # No market sells there, which is said later.
    choices = next((field.choices for field in fields if field.name == "country_area"), None)
    if not typed or choices is None:
        return ""
    for choice in choices:
        if typed.casefold() in {name.casefold() for name in choice}:
            return choice[0]
    if choices:
        faults.append(Fault(_("It is no region of this country."), pointer="#/region"))
    return typed


def _moment(typed: str, faults: list[Fault]) -> datetime | None:
    try:
        moment = parse_datetime(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2199:
        words = _("It is a moment with its offset, such as 2026-12-01T08:00:00Z.")
        faults.append(Fault(words, parameter="at"))
        return None
    return moment


def _is_plain(text: str, *, most: int = MOST_LETTERS) -> bool:
    """Tell whether a text is one that a database can hold: no NUL, no half of a letter."""
    return 0 < len(text) <= most and text.isprintable()


def _all_plain(texts: Collection[str]) -> bool:
    return len(texts) <= MOST_LINES and all(_is_plain(text) for text in texts)


def _refuse_unknown(
    given: Mapping[str, Any], known: Collection[str], faults: list[Fault], *, where: str,
    under: str = "",
) -> None:  # fmt: skip
    for name in list(given)[:MOST_LINES]:
        if name in known:
            continue
        if where == "parameter":
            faults.append(Fault(_("It is not known here."), parameter=name[:MOST_LETTERS]))
        else:
            escaped = name[:MOST_LETTERS].replace("~", "~0").replace("/", "~1")
            faults.append(Fault(_("It is not known here."), pointer=f"#{under}/{escaped}"))


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Problem(INVALID, _("“errors” says what is wrong, and where."), faults=faults)


def _no_text(most: int) -> str:
    return _("It is a text of 1 to %(most)s printable letters.") % {"most": most}


def _no_quantity() -> str:
    return _("It is a whole number from 1 to %(most)s.") % {"most": MOST_UNITS}
