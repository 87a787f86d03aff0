from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from payments.sandbox.amounts import format_amount
from payments.sandbox.hosted import language
from payments.sandbox.hosted.language import LANGUAGES, Words, choose_words


def _load(code: str) -> dict[str, str]:
    path = Path(language.__file__).parent / "words" / f"{code}.json"
    words: dict[str, str] = json.loads(path.read_text("utf-8"))
    return {key: text for key, text in words.items() if not key.startswith("method_")}


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_language_has_all_words_with_their_gaps(code: str) -> None:
    english, words = _load("en"), _load(code)

    assert set(words) == set(english)
    assert {key: _gaps(text) for key, text in words.items()} == {
        key: _gaps(text) for key, text in english.items()
    }


@pytest.mark.parametrize(
    ("locale", "accepted", "expected"),
    [
        ("pt-BR", "de", "pt"),
        ("zh", "", "zh"),
        (None, "ar-AE,ar;q=0.9", "ar"),
        ("auto", "nl,fr-CH;q=0.8", "fr"),
        ("it", "de", "en"),
    ],
)
def test_language_is_the_sessions_else_the_browsers(
    locale: str | None, accepted: str, expected: str
) -> None:
    assert choose_words(locale=locale, accept_language=accepted).language == expected


def test_method_has_a_name_of_its_own_where_there_is_one() -> None:
    assert Words("ja").method("konbini", name="Konbini") == "コンビニ"
    assert Words("ja").method("klarna", name="Klarna") == "Klarna"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (4_280, "eur", "de", "42,80\u00a0€"),
        (123_456, "eur", "fr", "1\u202f234,56\u00a0€"),
        (4_280, "jpy", "ja", "￥4,280"),
        (4_280, "jpy", "en", "¥4,280"),
        (5_120, "kwd", "en", "KWD\u00a05.120"),
        (123_456, "brl", "pt", "R$\u00a01.234,56"),
        (123_456, "mxn", "es", "$1,234.56"),
        (123_456, "chf", "de", "1.234,56\u00a0CHF"),
        (5, "usd", "en", "$0.05"),
    ],
)
def test_amount_is_written_as_readers_expect(
    amount: int, currency: str, language: str, text: str
) -> None:
    assert format_amount(amount, currency=currency, language=language) == text
