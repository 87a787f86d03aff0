"""/v1/charges"""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.api.common import RETRIEVE, answer, list_answer, listing
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.fields import Text


def retrieve_charge(account: Account, id: str, params: Params) -> dict[str, Any]:
    return answer(account, account.get("charge", id=id), params=params)


def list_charges(account: Account, id: str, params: Params) -> dict[str, Any]:
    return list_answer(
        account, kind="charge", url="/v1/charges", params=params, filters=("payment_intent",)
    )


LIST = listing({"payment_intent": Text()})
ROUTES = (
    Route("GET", "/v1/charges", LIST, list_charges),
    Route("GET", "/v1/charges/{id}", RETRIEVE, retrieve_charge),
)
