"""Send captured money back, never more than is left of it."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.amounts import check_granularity, format_amount
from payments.sandbox.errors import ApiError, invalid, wrong_state
from payments.sandbox.methods import METHODS, Refunds
from payments.sandbox.objects.events import record_event
from payments.sandbox.objects.refunds import insert_refund
from payments.sandbox.store import Record

_FIRST_STATUS = {
    Refunds.INSTANT: "succeeded",
    Refunds.PENDING: "pending",
    Refunds.BANK_DETAILS: "requires_action",
}


def refund_charge(account: Account, charge: Record, *, params: dict[str, Any]) -> Record:
    """Refund what `params` asks for, all that is left by default.

    The amount counts against the charge from now on, also while the refund is still under way.
    """
    data = charge.data
    if not (data["paid"] and data["captured"]):
        raise wrong_state(
            f"Charge {charge.id} has not been captured and cannot be refunded; cancel its "
            "PaymentIntent instead.",
            code="charge_not_refundable",
        )
    method = METHODS[data["payment_method_details"]["type"]]
    if method.refunds is Refunds.NONE:
        raise wrong_state(
            f"Charge {charge.id} was paid with {method.type}, which does not support refunds.",
            code="charge_not_refundable",
        )
    left: int = data["amount"] - data["amount_refunded"]
    amount: int = params.get("amount", left)
    if left == 0:
        raise wrong_state(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded"
        )
    if amount > left:
        raise _more_than_left(charge, amount=amount, left=left)
    check_granularity(amount, currency=data["currency"], param="amount")
    if method.refunds is Refunds.BANK_DETAILS:
        _require_email(charge, params=params)
    refund = insert_refund(
        account, charge, amount=amount, status=_FIRST_STATUS[method.refunds], params=params
    )
    data.update(amount_refunded=data["amount_refunded"] + amount, refunded=amount == left)
    account.store.save(charge)
    record_event(account, type="charge.refunded", about=charge)
    record_event(account, type="refund.created", about=refund)
    return refund


def _more_than_left(charge: Record, *, amount: int, left: int) -> ApiError:
    asked, rest = (
        format_amount(value, currency=charge.data["currency"], language="en")
        for value in (amount, left)
    )
    return wrong_state(
        f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})",
        code="amount_too_large",
        param="amount",
    )


def _require_email(charge: Record, *, params: dict[str, Any]) -> None:
    if not (params.get("instructions_email") or charge.data["billing_details"]["email"]):
        raise invalid(
            "This payment method asks the customer for their bank details: pass "
            "instructions_email.",
            param="instructions_email",
            code="parameter_missing",
        )


def settle_refund(account: Account, refund: Record) -> None:
    """Let a refund that was under way arrive."""
    _require_under_way(refund)
    refund.data["status"] = "succeeded"
    refund.data.pop("pending_reason", None)
    refund.data.pop("next_action", None)
    account.store.save(refund)
    record_event(account, type="refund.updated", about=refund)


def fail_refund(account: Account, refund: Record, *, reason: str) -> None:
    """Let a refund that was under way come back; its amount may be refunded again."""
    _require_under_way(refund)
    refund.data.update(status="failed", failure_reason=reason, failure_balance_transaction=None)
    refund.data.pop("pending_reason", None)
    refund.data.pop("next_action", None)
    account.store.save(refund)
    charge = account.get("charge", id=refund.data["charge"])
    charge.data.update(
        amount_refunded=charge.data["amount_refunded"] - refund.data["amount"], refunded=False
    )
    account.store.save(charge)
    record_event(account, type="refund.updated", about=refund)
    record_event(account, type="refund.failed", about=refund)


def _require_under_way(refund: Record) -> None:
    if refund.data["status"] not in ("pending", "requires_action"):
        raise wrong_state(
            f"This refund has a status of {refund.data['status']}.",
            code="refund_unexpected_state",
        )
