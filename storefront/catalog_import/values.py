"""Cells of a file made into values, or refused in plain words."""

import re
from collections.abc import Collection
from decimal import Decimal
from functools import cache
from urllib.parse import urlsplit

from babel import Locale

from markets.money import UnknownCurrency, exponent
from storefront.catalog_import.rows import BadValue

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_GTIN_LENGTHS = (8, 12, 13, 14)
_MAX_WHOLE_DIGITS = 11
# PostgreSQL's integer.
_MAX_COUNT = 2_147_483_647


def read_text(cell: str, *, longest: int) -> str:
    text = cell.strip()
    if len(text) > longest:
        raise BadValue(f"has {len(text)} characters; at most {longest} fit")
    return text


def read_currency(cell: str) -> str:
    code = cell.strip().upper()
    try:
        exponent(code)
    except UnknownCurrency:
        raise BadValue(f"“{cell.strip()}” is no currency; write a code such as GBP") from None
    return code


def read_price(cell: str, *, currency: str) -> Decimal:
    """Read a price above zero that its currency can carry."""
    price = read_amount(cell, currency=currency)
    if price == 0:
        raise BadValue("is zero; a price must be above zero")
    return price


def read_amount(cell: str, *, currency: str) -> Decimal:
    amount = _number(cell, example="12.50")
    if amount < 0:
        raise BadValue(f"{cell.strip()} is negative")
    places = exponent(currency)
    rounded = round(amount, places)
    if rounded != amount:
        allowed = f"{places} decimals" if places else "no decimals"
        raise BadValue(f"{cell.strip()} is too fine: {currency} has {allowed}")
    if amount >= 10**_MAX_WHOLE_DIGITS:
        raise BadValue(f"{cell.strip()} is too large")
    return rounded


def read_count(cell: str) -> int:
    """Read a whole number that is not negative; 350.0 counts as whole."""
    number = _number(cell, example="350")
    if number < 0:
        raise BadValue(f"{cell.strip()} is negative")
    if number != int(number):
        raise BadValue(f"{cell.strip()} is not a whole number")
    if number > _MAX_COUNT:
        raise BadValue(f"{cell.strip()} is too large")
    return int(number)


def read_barcode(cell: str) -> str:
    """Read a GTIN (EAN, UPC, ISBN-13), whose last digit checks the others."""
    # Spreadsheets and Shopify put an apostrophe before digits that are to stay text.
    digits = re.sub(r"[\s-]", "", cell.strip().removeprefix("'"))
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in _GTIN_LENGTHS:
        raise BadValue(f"“{cell.strip()}” is no barcode; write its 8, 12, 13 or 14 digits")
    total = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))
    )
    if total % 10:
        raise BadValue(f"the check digit of {digits} is wrong")
    return digits


def read_hs_code(cell: str) -> str:
    digits = re.sub(r"[\s.]", "", cell)
    if not re.fullmatch(r"[0-9]{6,12}", digits):
        raise BadValue(f"“{cell.strip()}” is no HS code; write 6 to 12 digits")
    return digits


def read_country(cell: str) -> str:
    code = cell.strip().upper()
    if code not in _countries():
        raise BadValue(f"“{cell.strip()}” is no country; write a two-letter code such as JP")
    return code


def read_web_address(cell: str) -> str:
    address = read_text(cell, longest=500)
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", address):
        raise BadValue(f"“{address}” is no web address; it must begin with http:// or https://")
    return address


def read_key(cell: str) -> str:
    key = read_text(cell, longest=120)
    if not re.fullmatch(r"[-\w]+", key):
        raise BadValue(f"“{key}” may hold only letters, digits and hyphens")
    return key


def read_choice(cell: str, *, known: Collection[str], what: str) -> str:
    """Read one of the names that are known; small and capital letters are the same."""
    name = cell.strip().lower()
    if name not in known:
        raise BadValue(f"there is no {what} “{cell.strip()}”")
    return name


def _number(cell: str, *, example: str) -> Decimal:
    text = cell.strip()
    if not _NUMBER.fullmatch(text) or not text.isascii() or len(text) > 30:
        raise BadValue(f"“{text}” is not a number; write it as {example}")
    return Decimal(text)


@cache
def _countries() -> frozenset[str]:
    codes = (str(code) for code in Locale.parse("en").territories)
    return frozenset(code for code in codes if len(code) == 2) - _NO_COUNTRIES
