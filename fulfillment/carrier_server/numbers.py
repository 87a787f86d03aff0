"""Tracking numbers in the form of the postal union's S10: two letters, nine digits, two letters.

The ninth digit checks the eight before it. The country is XX, which is nobody's.
"""

from __future__ import annotations

import secrets

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def new_number(carrier: str) -> str:
    """Draw a number for a carrier's parcel; the caller keeps it unique."""
    letters = "".join(letter for letter in carrier.upper() if "A" <= letter <= "Z")
    serial = f"{secrets.randbelow(10**8):08d}"
    return f"{(letters + 'XX')[:2]}{serial}{check_digit(serial)}XX"


def check_digit(serial: str) -> int:
    """Give the digit that follows eight digits. Source: UPU standard S10."""
    weighted = sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True))
    digit = 11 - weighted % 11
    return {10: 0, 11: 5}.get(digit, digit)
