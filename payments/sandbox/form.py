"""Decode form-encoded nested parameters: `items[0][price][amount]=5`."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from payments.sandbox.errors import invalid

Form = dict[str, "str | Form"]

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MAX_FIELDS = 2_000


def decode_form(encoded: str) -> Form:
    """Decode a query string or form body.

    Lists stay mappings from index to value: whether `a[0]` is a list or a mapping with the key
    "0" is known only to whoever reads the parameter. `a[]` gets the next free index.
    Raises ApiError for a malformed or contradictory key.
    """
    try:
        pairs = parse_qsl(
            encoded,
            keep_blank_values=True,
            strict_parsing=bool(encoded),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise invalid("Invalid request: the parameters could not be decoded.") from error
    form: Form = {}
    for key, value in pairs:
        _put(form, key=key, value=value)
    return form


def _put(form: Form, *, key: str, value: str) -> None:
    match = _KEY.match(key)
    if match is None:
        raise invalid(f"Invalid parameter name: {key}", param=key)
    path = [match[1], *_PART.findall(match[2])]
    here = form
    for step in path[:-1]:
        inner = here.setdefault(step or str(len(here)), {})
        if isinstance(inner, str):
            raise invalid(f"Invalid hash: {key}", param=key)
        here = inner
    last = path[-1] or str(len(here))
    if last in here:
        raise invalid(f"Duplicate parameter: {key}", param=key)
    here[last] = value
