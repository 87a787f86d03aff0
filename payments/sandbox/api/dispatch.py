"""Answer one API request: key, route, parameters, idempotency, effects, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from payments.sandbox.account import Account, current_request
from payments.sandbox.api import charges, checkout_sessions, events, payment_intents, refunds
from payments.sandbox.api.authentication import check_key
from payments.sandbox.api.routes import Params, Route
from payments.sandbox.errors import ApiError
from payments.sandbox.form import Form, decode_form
from payments.sandbox.idempotency import KeysInUse, find_answer, fingerprint, store_answer
from payments.sandbox.ids import new_id

ROUTES: tuple[Route, ...] = (
    *checkout_sessions.ROUTES,
    *payment_intents.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *events.ROUTES,
)


@dataclass(frozen=True)
class ApiRequest:
    """A request as it came in; `encoded` is the query of a GET and the body of a POST."""

    method: str
    path: str
    encoded: str
    authorization: str | None = None
    idempotency_key: str | None = None


@dataclass
class ApiAnswer:
    """Status, JSON body and headers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def answer_request(account: Account, request: ApiRequest, *, keys: KeysInUse) -> ApiAnswer:
    """Answer a request; every refusal comes back as an answer too."""
    request_id = new_id("req", length=14)
    key = request.idempotency_key if request.method == "POST" else None
    token = current_request.set((request_id, key))
    try:
        check_key(request.authorization)
        form = decode_form(request.encoded)
        with keys.hold(key):
            answer = _answer(account, request, form=form, key=key)
    except ApiError as error:
        answer = ApiAnswer(error.status, error.body)
    finally:
        current_request.reset(token)
    answer.headers["Request-Id"] = request_id
    if key is not None:
        answer.headers["Idempotency-Key"] = key
    return answer


def _answer(account: Account, request: ApiRequest, *, form: Form, key: str | None) -> ApiAnswer:
    route, id = _find_route(request)
    with account.store.transaction():
        digest = fingerprint(request.method, path=request.path, form=form)
        if key is not None:
            remembered = find_answer(account, key=key, fingerprint=digest)
            if remembered is not None:
                return ApiAnswer(*remembered, headers={"Idempotent-Replayed": "true"})
        params = route.params.parse(form)
        answer, is_stored = _execute(account, route, id=id, params=params)
        if key is not None and is_stored:
            store_answer(
                account, key=key, fingerprint=digest, status=answer.status, body=answer.body
            )
        return answer


def _execute(account: Account, route: Route, *, id: str, params: Params) -> tuple[ApiAnswer, bool]:
    with account.store.savepoint() as savepoint:
        try:
            return ApiAnswer(200, route.handler(account, id, params)), True
        except ApiError as error:
            if not error.keeps_effects:
                savepoint.undo()
            return ApiAnswer(error.status, error.body), error.is_stored


def _find_route(request: ApiRequest) -> tuple[Route, str]:
    for route in ROUTES:
        id = route.match(request.method, path=request.path)
        if id is not None:
            return route, id
    raise ApiError(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
