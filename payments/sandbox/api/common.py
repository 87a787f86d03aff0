"""Parameters and answers that all resources share."""

from __future__ import annotations

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.errors import ApiError, invalid
from payments.sandbox.fields import Either, Field, Integer, ListOf, Metadata, Nested, Text
from payments.sandbox.store import Record

EXPAND: dict[str, Field] = {"expand": ListOf(Text(), max_items=20)}

ADDRESS = Nested(
    {name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")}
)
SHIPPING = Nested(
    {
        "address": ADDRESS,
        "carrier": Text(),
        "name": Text(),
        "phone": Text(),
        "tracking_number": Text(),
    },
    required=("address", "name"),
)

RETRIEVE = Nested(EXPAND)


def listing(extra: dict[str, Field] | None = None) -> Nested:
    """Build the parameters of a list, with the filters in `extra`."""
    moment = Integer()
    return Nested(
        {
            **EXPAND,
            "created": Either(moment, Nested(dict.fromkeys(("gt", "gte", "lt", "lte"), moment))),
            "ending_before": Text(),
            "limit": Integer(minimum=1, maximum=100),
            "starting_after": Text(),
            **(extra or {}),
        }
    )


def list_answer(
    account: Account, *, kind: str, url: str, params: dict[str, Any], filters: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Answer a list request: newest first, a page at a time."""
    if "starting_after" in params and "ending_before" in params:
        raise invalid(
            "Received both starting_after and ending_before parameters. Please pass in only one.",
            param="ending_before",
        )
    limit = params.get("limit", 10)
    created = params.get("created")
    records = account.store.list(
        kind,
        where={name: params[name] for name in filters if name in params},
        created={"eq": created} if isinstance(created, int) else created,
        before_seq=_seq(account, kind, params, name="starting_after"),
        after_seq=_seq(account, kind, params, name="ending_before"),
        limit=limit + 1,
    )
    has_more = len(records) > limit
    # Going up the one too many is the newest, going down the oldest.
    page = records[-limit:] if "ending_before" in params else records[:limit]
    paths = [_inside_list(path) for path in params.get("expand", ())]
    return {
        "object": "list",
        "data": [expanded(account, record, paths=paths) for record in page],
        "has_more": has_more,
        "url": url,
    }


def _seq(account: Account, kind: str, params: dict[str, Any], *, name: str) -> int | None:
    return account.get(kind, id=params[name], param=name).seq if name in params else None


def _inside_list(path: str) -> str:
    if not path.startswith("data."):
        raise _cannot_expand(path)
    return path.removeprefix("data.")


_LINKS = {
    ("checkout.session", "payment_intent"): "payment_intent",
    ("payment_intent", "latest_charge"): "charge",
    ("charge", "payment_intent"): "payment_intent",
    ("refund", "charge"): "charge",
    ("refund", "payment_intent"): "payment_intent",
}


def answer(account: Account, record: Record, *, params: dict[str, Any]) -> dict[str, Any]:
    """Answer with one object, expanded as asked for."""
    return expanded(account, record, paths=params.get("expand", []))


def expanded(account: Account, record: Record, *, paths: list[str]) -> dict[str, Any]:
    """Replace ids in the object by the objects they name."""
    data = dict(record.data)
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition(".")
        inner.setdefault(first, []).extend([rest] if rest else [])
    for name, rests in inner.items():
        if (record.kind, name) in _INCLUDABLE:
            data[name] = _INCLUDABLE[record.kind, name](account, record)
            continue
        kind = _LINKS.get((record.kind, name))
        if kind is None or len(rests) > 4:
            raise _cannot_expand(name)
        if data[name] is not None:
            target = account.get(kind, id=data[name])
            data[name] = expanded(account, target, paths=rests)
    return data


def _cannot_expand(path: str) -> ApiError:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")


def line_items(account: Account, session: Record) -> dict[str, Any]:
    """Return the lines of a session as a list object."""
    return {
        "object": "list",
        "data": session.private["lines"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session.id}/line_items",
    }


def _refunds(account: Account, charge: Record) -> dict[str, Any]:
    refunds = account.store.list("refund", where={"charge": charge.id})
    return {
        "object": "list",
        "data": [refund.data for refund in refunds],
        "has_more": False,
        "url": f"/v1/charges/{charge.id}/refunds",
    }


_INCLUDABLE = {
    ("checkout.session", "line_items"): line_items,
    ("charge", "refunds"): _refunds,
}
METADATA = Metadata()
