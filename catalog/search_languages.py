from django.conf import settings
from modeltranslation.utils import build_lang


def search_languages() -> list[str]:
    """List the languages that products are indexed in: the shop's."""
    return [code for code, _name in settings.LANGUAGES]


def search_configuration(language: str) -> str:
    """Name the PostgreSQL text search configuration of one of the shop's languages.

    Raises ValueError for any other: the name becomes part of a statement.
    """
    if language not in search_languages():
        raise ValueError(f"The shop is not shown in {language!r}.")
    return f"catalog_{build_lang(language)}"
