"""Reading what a formula needs beside its rule from the rule's JSON.

Amounts and percentages are written as strings, so that no binary fraction comes between:
`{"bands": [{"up_to": "50", "percent": "20"}, {"percent": "60", "minus": "20"}]}`.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from markets.landed_cost.terms import Band, Factors, Formula

_NUMBERS = ("value_factor", "tax_factor", "value_to")
_YES_OR_NO = ("tax_inside", "covers_tax")
_NEEDED = {
    Formula.BRAZIL: {"bands", "value_to"},
    Formula.MEXICO: {"bands", "value_to"},
    Formula.JAPAN: {"value_factor"},
    Formula.CHINA: {"tax_factor", "value_to"},
}


class BadFactors(ValueError):
    """Factors that a formula cannot be reckoned with; the message is for merchants."""


def read_factors(raw: Any, *, formula: Formula) -> Factors:
    """Read a rule's factors; raise BadFactors for what is missing, unknown or no number."""
    if not isinstance(raw, Mapping):
        raise BadFactors("Factors are an object: {…}.")
    if unknown := set(raw) - {"bands", *_NUMBERS, *_YES_OR_NO}:
        raise BadFactors(f"Unknown: {', '.join(sorted(unknown))}.")
    if missing := _NEEDED.get(formula, set()) - set(raw):
        raise BadFactors(f"The formula needs {', '.join(sorted(missing))}.")
    for name in _YES_OR_NO:
        if not isinstance(raw.get(name, False), bool):
            raise BadFactors(f"“{name}” is true or false.")
    numbers = {name: _number(raw[name], name) for name in _NUMBERS if name in raw}
    bands = _bands(raw.get("bands", []))
    limit = numbers.get("value_to")
    if bands and bands[-1].up_to is not None and (limit is None or bands[-1].up_to < limit):
        raise BadFactors("The last band has no end, or the formula's “value_to”.")
    return Factors(
        bands=bands,
        value_factor=numbers.get("value_factor", Decimal(1)),
        tax_factor=numbers.get("tax_factor", Decimal(1)),
        value_to=limit,
        tax_inside=raw.get("tax_inside", False),
        covers_tax=raw.get("covers_tax", False),
    )


def _bands(raw: Any) -> tuple[Band, ...]:
    if not isinstance(raw, list) or not all(isinstance(band, Mapping) for band in raw):
        raise BadFactors("“bands” is a list of objects.")
    bands = []
    for band in raw:
        if unknown := set(band) - {"up_to", "percent", "minus"}:
            raise BadFactors(f"Unknown in a band: {', '.join(sorted(unknown))}.")
        if "percent" not in band:
            raise BadFactors("Each band has its “percent”.")
        up_to = _number(band["up_to"], "up_to") if "up_to" in band else None
        bands.append(
            Band(
                percent=_number(band["percent"], "percent"),
                up_to=up_to,
                minus=_number(band.get("minus", "0"), "minus"),
            )
        )
    ends = [band.up_to for band in bands[:-1]]
    if None in ends or ends != sorted(end for end in ends if end is not None):
        raise BadFactors("Bands go upwards, and only the last may have no end.")
    return tuple(bands)


def _number(raw: Any, name: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise BadFactors(f'Write “{name}” as a string: "0.6".')
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise BadFactors(f"“{name}” is no number: {raw}.") from None
    if not number.is_finite() or number < 0:
        raise BadFactors(f"“{name}” is no number from 0 up: {raw}.")
    return number
