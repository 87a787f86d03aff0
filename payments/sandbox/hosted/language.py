"""The few words of the hosted pages, in the languages the shop speaks."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de", "fr", "es", "pt", "ja", "zh", "ar")
# What the page declares, so that the right glyphs are drawn.
_TAGS = {"pt": "pt-BR", "zh": "zh-Hans"}


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = _load(language)

    @property
    def tag(self) -> str:
        return _TAGS.get(self.language, self.language)

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "ar" else "ltr"

    def __call__(self, key: str, **values: str) -> str:
        """Return the words for `key` with its gaps filled."""
        return self._words[key].format(**values)

    def failure(self, code: str) -> str:
        """Say why a payment failed and what to do."""
        return self._words.get(code) or self._words["attempt_failed"]

    def method(self, type: str, *, name: str) -> str:
        """Return what the method is called here, `name` unless the language has its own."""
        return self._words.get(f"method_{type}", name)


@cache
def _load(language: str) -> dict[str, str]:
    path = Path(__file__).parent / "words" / f"{language}.json"
    words: dict[str, str] = json.loads(path.read_text("utf-8"))
    return words


def choose_words(*, locale: str | None, accept_language: str) -> Words:
    """Take the session's language; for `auto` the browser's first that we speak."""
    wanted = [locale] if locale and locale != "auto" else accept_language.split(",")
    for tag in wanted:
        language = tag.split(";")[0].split("-")[0].strip().lower()
        if language in LANGUAGES:
            return Words(language)
    return Words("en")
