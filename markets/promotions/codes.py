"""Codes of coupons as they are compared, and new ones that are hard to guess."""

import secrets
import unicodedata

# No vowels, so that chance writes no words; nothing that looks like something else.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
_LENGTH = 8


def normalise_coupon(code: str) -> str:
    """Give a code as it is compared: wide letters made narrow, no spaces, upper case."""
    return tidy_coupon(code).upper()


def tidy_coupon(code: str) -> str:
    """Give a code as it is kept, and shown: as it is compared, but in the case it was written."""
    narrow = unicodedata.normalize("NFKC", code)
    kept = (
        letter
        for letter in narrow
        if not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf")
    )
    return "".join(kept)


def random_code(prefix: str = "") -> str:
    """Make a code of eight random letters behind a prefix: one of 3.8 * 10 ** 11."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return f"{prefix}-{letters}" if prefix else letters
