import zlib

from django.utils.text import slugify
from modeltranslation.utils import build_localized_fieldname

from catalog.models import Option, OptionValue

_ENGLISH_NAME = build_localized_fieldname("name", "en")


class Options:
    """Axes and their values by the names that a file gives them; made when they are new.

    They are known by their English name or their code, without regard to capitals.
    """

    def __init__(self) -> None:
        self._axes: dict[str, Option] = {}
        for axis in Option.objects.all():
            self._axes |= dict.fromkeys(_names(axis), axis)
        self._values: dict[tuple[int, str], OptionValue] = {}
        for value in OptionValue.objects.all():
            self._remember(value)

    def value(self, axis_name: str, name: str) -> OptionValue:
        axis = self._axis(axis_name)
        found = self._values.get((axis.pk, name.casefold()))
        if found:
            return found
        code = _code(name, unicode=True)
        made, _created = OptionValue.objects.get_or_create(
            option=axis, code=code, defaults={"name": name, "name_en": name}
        )
        self._remember(made)
        self._values[axis.pk, name.casefold()] = made
        return made

    def _axis(self, name: str) -> Option:
        found = self._axes.get(name.casefold())
        if found is None:
            found, _created = Option.objects.get_or_create(
                code=_code(name)[:40], defaults={"name": name, "name_en": name}
            )
            self._axes[name.casefold()] = found
        return found

    def _remember(self, value: OptionValue) -> None:
        self._values |= {(value.option_id, name): value for name in _names(value)}


def _names(row: Option | OptionValue) -> set[str]:
    return {name.casefold() for name in (row.code, getattr(row, _ENGLISH_NAME)) if name}


def _code(name: str, *, unicode: bool = False) -> str:
    """A name without one usable letter still needs a code, and the same one every time."""
    return slugify(name, allow_unicode=unicode) or f"x{zlib.crc32(name.encode()):08x}"
