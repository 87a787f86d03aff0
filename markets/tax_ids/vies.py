"""VIES, the European Commission's door to the registers of the member states."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markets.tax_ids.answers import Answer, RegisterSilent, text_of
from markets.tax_ids.http import Question, Reply, ask
from markets.tax_ids.numbers import TaxId

logger = logging.getLogger(__name__)

# Our own id was refused: the question can be put without it, for an answer that proves less.
_REQUESTER = "INVALID_REQUESTER_INFO"
_INVALID = "INVALID_INPUT"
# Asking again makes it worse, or cannot help.
_FINAL = {"VAT_BLOCKED", "IP_BLOCKED", "INVALID_CONFIGURATION"}
_CODE = re.compile(r"[A-Z][A-Z_]{1,50}")


@dataclass(frozen=True)
class Vies:
    """The REST service's `check-vat-number`, of which `url` is the whole address."""

    url: str
    code: str = "vies"

    def check(self, tax_id: TaxId, *, requester: TaxId | None, deadline: float) -> Answer:
        try:
            return self._check(tax_id, requester=requester, deadline=deadline)
        except RegisterSilent as error:
            if error.reason != _REQUESTER or requester is None:
                raise
            logger.error("VIES does not accept %s as the requester's VAT id.", requester)
            return self._check(tax_id, requester=None, deadline=deadline)

    def _check(self, tax_id: TaxId, *, requester: TaxId | None, deadline: float) -> Answer:
        words = {"countryCode": tax_id.prefix, "vatNumber": tax_id.number}
        if requester is not None:
            words["requesterMemberStateCode"] = requester.prefix
            words["requesterNumber"] = requester.number
        reply = ask(Question("POST", self.url, json=words), deadline=deadline)
        error = _error(reply)
        if error == _INVALID:
            return Answer("invalid")
        if error:
            raise RegisterSilent(error, again=error not in _FINAL | {_REQUESTER})
        if not _is_about(tax_id, reply.data):
            raise RegisterSilent("ANOTHER_NUMBER", again=False)
        return _answer(reply.data, requester=requester)


def _error(reply: Reply) -> str:
    """Give the code of what went wrong; empty where the reply is an answer."""
    wrappers = reply.data.get("errorWrappers")
    for wrapper in wrappers if isinstance(wrappers, list) else ():
        if isinstance(wrapper, dict) and wrapper.get("error"):
            return _code(wrapper["error"])
    told = reply.data.get("userError")
    if told not in {None, "", "VALID", "INVALID"} if isinstance(told, str | None) else True:
        return _code(told)
    if reply.status != 200:
        return f"HTTP_{reply.status}"
    if reply.data.get("actionSucceed") is False or _verdict(reply.data) is None:
        return "MALFORMED"
    return ""


def _verdict(data: Mapping[str, Any]) -> bool | None:
    """Give true or false only where that, and nothing like it, was said."""
    said = data.get("valid", data.get("isValid"))
    return said if isinstance(said, bool) else None


def _is_about(tax_id: TaxId, data: Mapping[str, Any]) -> bool:
    """Tell whether the reply names the number that was asked for, as far as it names one."""
    country, number = data.get("countryCode"), data.get("vatNumber")
    return country in {None, tax_id.prefix} and number in {None, tax_id.number}


def _answer(data: Mapping[str, Any], *, requester: TaxId | None) -> Answer:
    if not _verdict(data) or data.get("userError") == "INVALID":
        return Answer("invalid", requester=str(requester or ""))
    return Answer(
        "valid",
        name=text_of(data.get("name"), length=300),
        address=text_of(data.get("address"), length=500),
        requester=str(requester or ""),
        consultation_number=text_of(data.get("requestIdentifier"), length=60),
    )


def _code(told: object) -> str:
    return told if isinstance(told, str) and _CODE.fullmatch(told) else "UNKNOWN_ERROR"
