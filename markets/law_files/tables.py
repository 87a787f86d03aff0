"""The tables of law that a merchant keeps in files: their names, models and keys."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.models.dated import Dated
from markets.models.duties import (
    CustomsTerritory,
    DutyRate,
    ImportFee,
    ImportRule,
    IncotermRule,
)
from markets.models.taxes import (
    CategoryRule,
    SpecialTerritory,
    TaxPlaceRule,
    TaxRate,
    TaxThreshold,
)


@dataclass(frozen=True)
class LawTable:
    """A table of dated rows, and the columns within which no two rows are in force at a time.

    Asking the database for each line whether it would refuse it takes a millisecond: a tariff of
    many thousand lines relies on its model's own rules, which say as much.
    """

    name: str
    model: type[Dated]
    key: tuple[str, ...]
    asks_database: bool = True

    @cached_property
    def columns(self) -> "list[models.Field[Any, Any]]":
        """Give the columns of its file, in the table's order, those of time and source last."""
        last = ("valid_from", "valid_to", "source")
        fields = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        return sorted(
            fields, key=lambda field: last.index(field.name) if field.name in last else -1
        )

    def key_of(self, row: Dated) -> tuple[Any, ...]:
        """Give a row's values of the key."""
        return tuple(getattr(row, name) for name in self._key_attributes)

    @cached_property
    def _key_attributes(self) -> tuple[str, ...]:
        attributes = {column.name: column.attname for column in self.columns}
        return tuple(attributes[name] for name in self.key)


_DUTIES = (
    LawTable("customs_territories", CustomsTerritory, ("country",)),
    LawTable("import_rules", ImportRule, ("destination", "origin_group")),
    LawTable(
        "duty_rates",
        DutyRate,
        ("destination", "hs_prefix", "origin", "stack_group", "scheme"),
        asks_database=False,
    ),
    LawTable("import_fees", ImportFee, ("destination", "kind")),
    LawTable("incoterms", IncotermRule, ("market", "origin", "destination")),
)
_TAXES = (
    LawTable("tax_rates", TaxRate, ("country", "region", "category")),
    LawTable("tax_place_rules", TaxPlaceRule, ("country", "region")),
    LawTable("tax_thresholds", TaxThreshold, ("scheme", "country", "region", "period")),
    LawTable("special_territories", SpecialTerritory, ("country", "postal_from")),
    LawTable("category_rules", CategoryRule, ("country", "region", "category")),
)
DUTY_TABLES = {table.name: table for table in _DUTIES}
LAW_TABLES = {table.name: table for table in (*_TAXES, *_DUTIES)}


def column_words(field: "models.Field[Any, Any]") -> str:
    """Say what may stand in a column."""
    if field.choices:
        return ", ".join(str(value) for value, _label in field.flatchoices if value != "")
    if isinstance(field, models.BooleanField):
        return str(_("yes or no"))
    if isinstance(field, models.DateField):
        return str(_("a day, as 2026-07-01"))
    if isinstance(field, models.JSONField):
        return str(_("JSON, amounts in quotes"))
    if isinstance(field, models.DecimalField | models.IntegerField):
        return str(_("a number, as 12.5"))
    if isinstance(field, models.ForeignKey):
        return str(_("its code"))
    return str(_("text"))
