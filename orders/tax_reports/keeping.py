"""The figures of a report as JSON, and back: what was filed is read again as it was."""

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints


def pack(value: Any) -> Any:
    """Give a dataclass of numbers, days and texts, at any depth, as JSON."""
    if is_dataclass(value):
        return {one.name: pack(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [pack(one) for one in value]
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def unpack(kind: Any, value: Any) -> Any:
    """Read what `pack` wrote of a value of that type."""
    if value is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(unpack(get_args(kind)[0], one) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: unpack(hints[name], one) for name, one in value.items()})
    if kind is Decimal:
        return Decimal(value)
    if kind is date or date in get_args(kind):
        return date.fromisoformat(value)
    return value
