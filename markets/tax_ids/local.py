"""Tax numbers of businesses in countries whose registers we cannot ask: name, shape, check digits.

Tax is charged to whoever gives one, as to everybody; the number stands on the invoice, with which
the business reclaims what its law lets it. Shapes and check digits are python-stdnum's word, but
where it has no module: Japan numbers sole traders without the companies' check digit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.au import abn
from stdnum.br import cnpj
from stdnum.ca import bn
from stdnum.ch import vat as ch_vat
from stdnum.cn import uscc
from stdnum.exceptions import InvalidFormat, ValidationError
from stdnum.in_ import gstin
from stdnum.mx import rfc
from stdnum.no import mva
from stdnum.nz import ird

Validate = Callable[[str], str]


@dataclass(frozen=True)
class LocalNumber:
    """`name` and `example` are as the businesses of the country write them, in any language.

    `has_prefix` where they begin with the country's letters.
    """

    name: str
    example: str
    validate: Validate
    has_prefix: bool = False

    def read(self, letters: str, *, country: str) -> str:
        """Give a number without its country's letters; empty where it is none."""
        for typed in dict.fromkeys((letters, letters.removeprefix(country))):
            try:
                return self.validate(typed)
            except ValidationError:
                continue
        return ""


def _shaped(pattern: str) -> Validate:
    shape = re.compile(pattern)

    def validate(number: str) -> str:
        if not shape.fullmatch(number):
            raise InvalidFormat
        return number

    return validate


def _swiss(number: str) -> str:
    return ch_vat.validate(number).removeprefix("CH")


_NUMBERS = {
    "AE": LocalNumber("TRN", "100 1234 5678 9003", _shaped("[0-9]{15}")),
    "AU": LocalNumber("ABN", "51 824 753 556", abn.validate),
    "BR": LocalNumber("CNPJ", "16.727.230/0001-97", cnpj.validate),
    "CA": LocalNumber("GST/HST", "12302 6635 RT0001", bn.validate),
    "CH": LocalNumber("UID/MWST", "CHE-107.787.577 MWST", _swiss, has_prefix=True),
    "CN": LocalNumber("统一社会信用代码", "91110000600037341L", uscc.validate),
    "IN": LocalNumber("GSTIN", "27AAPFU0939F1ZV", gstin.validate),
    "JP": LocalNumber("登録番号", "T7000012050002", _shaped("T[0-9]{13}")),
    "MX": LocalNumber("RFC", "MAB9307148T4", rfc.validate),
    "NO": LocalNumber("MVA", "NO 995 525 828 MVA", mva.validate, has_prefix=True),
    "NZ": LocalNumber("GST", "49-098-576", ird.validate),
}


def find_local(country: str) -> LocalNumber | None:
    """Find how the businesses of a country number themselves, where there is no register to ask."""
    return _NUMBERS.get(country)
