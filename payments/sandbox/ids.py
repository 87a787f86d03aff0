"""Identifiers shaped like Stripe's."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, *, length: int = 24) -> str:
    """Make a random identifier such as `pi_3k…`."""
    return f"{prefix}_{random_text(length)}"


def random_text(length: int) -> str:
    """Make `length` random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def random_digits(length: int) -> str:
    """Make `length` random digits, as vouchers print them."""
    return "".join(secrets.choice(string.digits) for _ in range(length))
