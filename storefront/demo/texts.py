"""The demo's words in eight languages, as its editors wrote them."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)

DATA = Path(__file__).parent / "data"


@cache
def read_texts(name: str) -> dict[str, Any]:
    text: dict[str, Any] = json.loads((DATA / "texts" / f"{name}.json").read_text("utf-8"))
    return text


@cache
def read_data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def translated(field: str, texts: Mapping[str, Any], key: str | None = None) -> dict[str, str]:
    """Spread {language: text}, or {language: {key: text}}, over a field's translated columns."""
    return {
        f"{field}_{language.replace('-', '_')}": text[key] if key else text
        for language, text in texts.items()
    }


def upsert(model: type[M], *, by: Mapping[str, Any], to: Mapping[str, Any]) -> M:
    """Create a row or change it where it differs; a row that is the same is not written."""
    row = model._default_manager.filter(**by).first()
    if row is None:
        return model._default_manager.create(**by, **to)
    changed = [name for name, value in to.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, to[name])
        row.save()
    return row
