"""Who may call: holders of a test key."""

from __future__ import annotations

import base64
import binascii

from payments.sandbox.errors import ApiError


def check_key(authorization: str | None) -> None:
    """Accept a secret test key, as Bearer or Basic; raises ApiError 401 for all else."""
    key = _key(authorization or "")
    if not key:
        raise _refused("You did not provide an API key.")
    if key.startswith("sk_live_"):
        raise _refused(
            "This is the payment sandbox: it refuses live keys. Use a key that starts with "
            "sk_test_."
        )
    if not key.startswith("sk_test_"):
        raise _refused("Invalid API Key provided: it must start with sk_test_.")


def _key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _refused(message: str) -> ApiError:
    return ApiError(message, status=401)
