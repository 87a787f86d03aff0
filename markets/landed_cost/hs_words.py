"""What shops call things, in several languages, in the words or codes of the nomenclature."""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parents[1] / "data" / "hs_words.csv"
_LEAST_PART = 4  # Letters of a part of a compound word; Chinese and Japanese need one.


@dataclass(frozen=True)
class Meaning:
    """Words of the nomenclature, and beginnings of its codes."""

    words: tuple[str, ...]
    codes: tuple[str, ...]


def meanings_of(word: str) -> tuple[Meaning, ...]:
    """Give what a word means, all of it: of a compound ("Baumwollhemd") each part it knows."""
    known = _meanings()
    folded = fold(word)
    for form in (folded, folded.removesuffix("s"), folded.removesuffix("es")):
        if form in known:
            return (known[form],)
    parts = [part for part in known if part in folded and _is_part(part)]
    # "baumwolle" and not also its part "wolle".
    parts = [part for part in parts if not any(part != other and part in other for other in parts)]
    return tuple(dict.fromkeys(known[part] for part in parts))


def fold(word: str) -> str:
    """Write a word without case and accents: Schürze and SCHURZE are one."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFKC", plain)


def _is_part(word: str) -> bool:
    return len(word) >= _LEAST_PART or not word.isascii()


@cache
def _meanings() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            meaning = Meaning(tuple(row["words"].split()), tuple(row["codes"].split()))
            # The nomenclature's own word means the same, where it is the only one.
            own = meaning.words if len(meaning.words) == 1 else ()
            for name in (*own, *row["names"].split()):
                found[fold(name)] = meaning
    return found
