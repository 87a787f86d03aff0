"""HMRC's register of the VAT numbers of the United Kingdom: "Check a UK VAT number", version 2."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markets.tax_ids.answers import Answer, RegisterSilent, text_of
from markets.tax_ids.http import Question, Reply, ask
from markets.tax_ids.numbers import TaxId

_LOOKUP = "/organisations/vat/check-vat-number/lookup/"
_VERSION = "application/vnd.hmrc.2.0+json"
# A token is given back this long before it runs out.
_MARGIN_SECONDS = 60
_LINES = ("line1", "line2", "line3", "line4", "line5", "postcode", "countryCode")

_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Hmrc:
    """`url` is the server; the application's token is asked for once and kept while it lasts."""

    url: str
    client_id: str
    client_secret: str
    code: str = "hmrc"

    def check(self, tax_id: TaxId, *, requester: TaxId | None, deadline: float) -> Answer:
        if not tax_id.number.isdigit():
            # Numbers of government departments and health authorities are in no public register.
            raise RegisterSilent("NOT_IN_REGISTER", again=False)
        reply = self._look_up(tax_id, requester=requester, deadline=deadline)
        if requester is not None and reply.status in {400, 403}:
            # It may be our own number that was refused; without it the answer proves less.
            reply, requester = self._look_up(tax_id, requester=None, deadline=deadline), None
        if reply.status == 404 and reply.data.get("code") == "NOT_FOUND":
            return Answer("invalid", requester=str(requester or ""))
        if reply.status != 200:
            raise RegisterSilent(f"HTTP_{reply.status}", again=reply.status not in {400, 403})
        return _answer(tax_id, reply.data, requester=requester)

    def _look_up(self, tax_id: TaxId, *, requester: TaxId | None, deadline: float) -> Reply:
        path = tax_id.number + (f"/{requester.number}" if requester else "")
        reply = Reply(401, {})
        for _ in range(2):
            token = self._token(deadline=deadline)
            headers = {"Accept": _VERSION, "Authorization": f"Bearer {token}"}
            question = Question("GET", self.url + _LOOKUP + path, headers=headers)
            reply = ask(question, deadline=deadline)
            if reply.status != 401:
                break
            self._forget(token)
        return reply

    def _token(self, *, deadline: float) -> str:
        key = (self.url, self.client_id)
        with _lock:
            token, until = _tokens.get(key, ("", 0.0))
        if token and time.monotonic() < until:
            return token
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        reply = ask(Question("POST", f"{self.url}/oauth/token", form=form), deadline=deadline)
        given, seconds = reply.data.get("access_token"), reply.data.get("expires_in")
        if reply.status != 200 or not isinstance(given, str) or not given.isascii():
            raise RegisterSilent("NO_TOKEN", again=reply.status >= 500)
        if isinstance(seconds, int | float) and seconds > _MARGIN_SECONDS:
            with _lock:
                _tokens[key] = (given, time.monotonic() + seconds - _MARGIN_SECONDS)
        return given

    def _forget(self, token: str) -> None:
        key = (self.url, self.client_id)
        with _lock:
            if _tokens.get(key, ("", 0.0))[0] == token:
                del _tokens[key]


def _answer(tax_id: TaxId, data: Mapping[str, Any], *, requester: TaxId | None) -> Answer:
    target = data.get("target")
    if not isinstance(target, dict) or target.get("vatNumber") != tax_id.number:
        raise RegisterSilent("ANOTHER_NUMBER", again=False)
    address = target.get("address")
    told = address if isinstance(address, dict) else {}
    lines = (text_of(told.get(line), length=200) for line in _LINES)
    return Answer(
        "valid",
        name=text_of(target.get("name"), length=300),
        address=", ".join(line for line in lines if line)[:500],
        requester=str(requester or ""),
        consultation_number=text_of(data.get("consultationNumber"), length=60),
    )
