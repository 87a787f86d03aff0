from typing import Any

from django.conf import settings
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin


class TranslatedAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]
    """Without modeltranslation's own tabs: those fetch jQuery UI from a stranger's server."""


def language_tabs(*fields: str) -> Any:
    """Give a tab per language with the fields in it, English first as it is the one needed."""
    return [
        (
            name,
            {
                "classes": ["tab"],
                "fields": [build_localized_fieldname(field, language) for field in fields],
            },
        )
        for language, name in settings.LANGUAGES
    ]


def in_languages(field: str) -> list[str]:
    """Name a field's columns, for searches that do not depend on the reader's language."""
    return [build_localized_fieldname(field, language) for language, _name in settings.LANGUAGES]
