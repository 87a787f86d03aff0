"""/v1/refunds"""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.api.common import EXPAND, METADATA, RETRIEVE, answer, list_answer, listing
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.errors import invalid, wrong_state
from payments.sandbox.fields import Choice, Integer, Nested, Text
from payments.sandbox.store import Record
from payments.sandbox.transitions.refunds import refund_charge

CREATE = Nested(
    {
        **EXPAND,
        "amount": Integer(minimum=1),
        "charge": Text(),
        "instructions_email": Text(),
        "metadata": METADATA,
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)
LIST = listing({"charge": Text(), "payment_intent": Text()})


def create_refund(account: Account, id: str, params: Params) -> dict[str, Any]:
    refund = refund_charge(account, _charge(account, params), params=params)
    return answer(account, refund, params=params)


def _charge(account: Account, params: Params) -> Record:
    if "charge" in params:
        charge = account.get("charge", id=params["charge"], param="charge")
        if params.get("payment_intent") not in (None, charge.data["payment_intent"]):
            raise invalid(
                "The charge does not belong to the payment_intent.", param="payment_intent"
            )
        return charge
    if "payment_intent" not in params:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    intent = account.get("payment_intent", id=params["payment_intent"], param="payment_intent")
    if intent.data["latest_charge"] is None:
        raise wrong_state(
            f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
            code="charge_not_refundable",
            param="payment_intent",
        )
    return account.get("charge", id=intent.data["latest_charge"])


def retrieve_refund(account: Account, id: str, params: Params) -> dict[str, Any]:
    return answer(account, account.get("refund", id=id), params=params)


def list_refunds(account: Account, id: str, params: Params) -> dict[str, Any]:
    return list_answer(
        account,
        kind="refund",
        url="/v1/refunds",
        params=params,
        filters=("charge", "payment_intent"),
    )


ROUTES = (
    Route("POST", "/v1/refunds", CREATE, create_refund),
    Route("GET", "/v1/refunds", LIST, list_refunds),
    Route("GET", "/v1/refunds/{id}", RETRIEVE, retrieve_refund),
)
