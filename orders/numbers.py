"""Order numbers that a person can read over the phone and that reveal no volume."""

import secrets

# Crockford's base 32 without look-alikes; https://www.crockford.com/base32.html
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK = ALPHABET + "*~$=U"


def new_order_number() -> str:
    """Draw a random number such as `7KQ2-9F4M-X`: 40 random bits and a check letter."""
    while True:
        value = secrets.randbits(40)
        # The check symbols beyond the alphabet are no letters that a shopper should have to type.
        if value % 37 < len(ALPHABET):
            digits = "".join(ALPHABET[value >> shift & 31] for shift in range(35, -1, -5))
            return f"{digits[:4]}-{digits[4:]}-{ALPHABET[value % 37]}"


def normalise_order_number(text: str) -> str | None:
    """Read a number as typed, forgiving case, spaces and look-alikes; None if its check fails."""
    letters = text.upper().translate(str.maketrans("OIL", "011", " -"))
    if len(letters) != 9 or any(letter not in ALPHABET for letter in letters):
        return None
    value = 0
    for letter in letters[:8]:
        value = value << 5 | ALPHABET.index(letter)
    if _CHECK[value % 37] != letters[8]:
        return None
    return f"{letters[:4]}-{letters[4:8]}-{letters[8]}"
