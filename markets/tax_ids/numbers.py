"""VAT ids as they are written: prefix, country, format and check digits. No network.

Which shapes and check digits a country's ids have is python-stdnum's word. Numbers of countries
without a register that we can ask are read too, and are of no kind: see `local`.
"""

import re
import unicodedata
from dataclasses import dataclass

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as gb_vat

from markets.tax_ids.local import find_local

EU_VAT, GB_VAT = "eu_vat", "gb_vat"
NORTHERN_IRELAND = "XI"

# Countries whose ids begin with other letters, or whose businesses have a neighbour's ids.
_PREFIXES = {"GR": "EL", "MC": "FR", "IM": "GB"}
_WRITTEN = {"GR": "EL"}
_EU_PREFIXES = frozenset(
    _WRITTEN.get(state.upper(), state.upper()) for state in eu_vat.MEMBER_STATES
)
_KNOWN = _EU_PREFIXES | {"GB"}
_SHAPE = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,14}")
# What people put between the parts of a number; anything else that is no letter is an error.
_SPACING = re.compile(r"[\s.,/_\u2010-\u2015\u2212-]+")
_LONGEST = 60


class TaxIdMalformed(Exception):
    """What was typed has not the shape, or not the check digits, of the country's VAT ids."""


class TaxIdElsewhere(Exception):
    """The VAT id is another country's than the address; `prefix` is the one it should have."""

    def __init__(self, found: str, *, prefix: str) -> None:
        super().__init__(f"A VAT id of {found} for an address where they begin with {prefix}.")
        self.found = found
        self.prefix = prefix


@dataclass(frozen=True)
class TaxId:
    """`number` is without its prefix, which is EL for Greece and XI for Northern Ireland.

    `kind` tells the register to ask; it is empty where there is none.
    """

    prefix: str
    number: str

    @property
    def kind(self) -> str:
        if self.prefix == "GB":
            return GB_VAT
        return EU_VAT if self.prefix in _KNOWN else ""

    @property
    def as_written(self) -> str:
        """Give the number as its country writes it, which is often without a prefix."""
        local = find_local(self.prefix)
        return str(self) if local is None or local.has_prefix else self.number

    def __str__(self) -> str:
        return self.prefix + self.number


def prefix_of_place(country: str, *, postal_code: str = "") -> str:
    """Give the letters that VAT ids of a place begin with; empty where we know of none.

    Postal codes that begin with BT are Northern Ireland, where the EU's rules hold for goods.
    """
    if country == "GB" and postal_code.strip().upper().startswith("BT"):
        return NORTHERN_IRELAND
    prefix = _PREFIXES.get(country, country)
    is_known = prefix in _KNOWN or find_local(prefix) is not None
    return prefix if is_known and prefix != NORTHERN_IRELAND else ""


def parse_tax_id(text: str, *, country: str, postal_code: str = "") -> TaxId:
    """Read a VAT id of a place, with or without its prefix, spaces, dots and hyphens.

    Raises TaxIdElsewhere for a sound one of another country, TaxIdMalformed for all else.
    """
    prefix = prefix_of_place(country, postal_code=postal_code)
    if not prefix:
        raise TaxIdMalformed(f"No VAT ids of {country} are known here.")
    if len(text) > _LONGEST:
        raise TaxIdMalformed("Too long for a VAT id.")
    letters = _letters(text)
    local = find_local(prefix)
    if local and (number := local.read(letters, country=prefix)):
        return TaxId(prefix, number)
    written = _WRITTEN.get(letters[:2], letters[:2])
    if written in _KNOWN and (found := _sound(written, letters[2:])):
        if written != prefix:
            raise TaxIdElsewhere(written, prefix=prefix)
        return found
    if local is None and (found := _sound(prefix, letters)):
        return found
    raise TaxIdMalformed(f"This is no VAT id of {prefix}.")


def read_tax_id(text: str) -> TaxId:
    """Read a VAT id that carries its prefix. Raises TaxIdMalformed."""
    letters = _letters(text[:_LONGEST])
    written = _WRITTEN.get(letters[:2], letters[:2])
    if written in _KNOWN and (found := _sound(written, letters[2:])):
        return found
    raise TaxIdMalformed("This is no VAT id with its prefix.")


def _letters(text: str) -> str:
    """Give what is left without spacing, fullwidth forms and characters that cannot be seen."""
    plain = _SPACING.sub("", unicodedata.normalize("NFKC", text))
    return "".join(letter for letter in plain if letter.isprintable()).upper()


def _sound(prefix: str, number: str) -> TaxId | None:
    if not _SHAPE.fullmatch(prefix + number):
        return None
    module = gb_vat if prefix in {"GB", NORTHERN_IRELAND} else eu_vat
    try:
        compact = module.validate(prefix + number)
    except ValidationError:
        return None
    compact = compact.removeprefix(prefix)
    return TaxId(prefix, compact) if _SHAPE.fullmatch(prefix + compact) else None
