"""Failures as the API tells them, in Stripe's JSON shape."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal that the caller of the API is told about.

    `is_stored` says whether an idempotency key remembers it; failed validation is not
    remembered, so that a corrected retry may use the same key. `keeps_effects` says whether
    what the request wrote before it failed stays written, as with a declined card.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        is_stored: bool = False,
        keeps_effects: bool = False,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.is_stored = is_stored
        self.keeps_effects = keeps_effects
        self._error: dict[str, Any] = {"type": kind, "message": message}
        if code is not None:
            self._error["code"] = code
            self._error["doc_url"] = f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}"
        if param is not None:
            self._error["param"] = param
        self._error.update(details or {})

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self._error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """Make the refusal of a parameter."""
    return ApiError(message, param=param, code=code)


def missing_resource(kind: str, *, id: str, param: str = "id") -> ApiError:
    """Make the refusal of an id that names nothing."""
    return ApiError(f"No such {kind}: '{id}'", status=404, code="resource_missing", param=param)


def wrong_state(message: str, *, code: str, param: str | None = None) -> ApiError:
    """Make the refusal of an operation that the state of its object forbids."""
    return ApiError(message, code=code, param=param, is_stored=True)
