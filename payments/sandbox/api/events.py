"""/v1/events"""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.api.common import RETRIEVE, answer, list_answer, listing
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.fields import Text


def retrieve_event(account: Account, id: str, params: Params) -> dict[str, Any]:
    return answer(account, account.get("event", id=id), params=params)


def list_events(account: Account, id: str, params: Params) -> dict[str, Any]:
    return list_answer(account, kind="event", url="/v1/events", params=params, filters=("type",))


LIST = listing({"type": Text()})
ROUTES = (
    Route("GET", "/v1/events", LIST, list_events),
    Route("GET", "/v1/events/{id}", RETRIEVE, retrieve_event),
)
