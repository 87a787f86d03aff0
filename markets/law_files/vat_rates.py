"""Public lists of VAT rates as rows of tax rates: current rates as JSON, dated ones as CSV.

They know a country and its percentages, and neither our categories of goods nor a tax's name:
those are taken from the rows that are there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.models import TaxCategory
from markets.law_files.problems import BadFile, Problem
from markets.law_files.rows import Read, Reading, read_day
from markets.law_files.sheets import Sheet
from markets.models.codes import country_code
from markets.models.taxes import TaxRate
from markets.ranges import in_force

STANDARD = "standard"
HISTORY_COLUMNS = {"country", "effective_from", "standard_rate"}


@dataclass(frozen=True)
class VatList:
    """A list of current rates, and the day that it says it is of."""

    rates: dict[str, Any]
    on: date | None
    source: str


def read_history(sheet: Sheet) -> Reading:
    """Read dated standard rates: country, effective_from, standard_rate, and maybe a source."""
    standard = _category(STANDARD)
    names = _names()
    reading = Reading(problems=list(sheet.problems))
    for record in sheet.records:
        country = record.cells["country"].upper()
        problems = _bad_country(country, line=record.line)
        percent = begins = None
        try:
            percent = _percent(record.cells["standard_rate"].replace(",", "."))
        except ValueError as error:
            problems.append(Problem(record.line, "standard_rate", str(error)))
        try:
            begins = read_day(record.cells["effective_from"])
        except ValueError as error:
            problems.append(Problem(record.line, "effective_from", str(error)))
        reading.problems += problems
        if not problems:
            values = {"country": country, "region": "", "category": standard, "percent": percent,
                      "name": names.get(country, "VAT"), "valid_from": begins,
                      "source": record.cells.get("source", "")}  # fmt: skip
            reading.reads.append(Read(record.line, values, yields=True))
    return reading


def read_vat_list(text: str) -> VatList:
    """Read the JSON of a list of rates; raise BadFile where it is none."""
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadFile([Problem(1, "", _("This is no JSON."))]) from error
    rates = found.get("rates") if isinstance(found, dict) else None
    if not isinstance(rates, dict) or not rates:
        message = _("There are no “rates” by country in it.")
        raise BadFile([Problem(1, "", message)])
    version = str(found.get("version") or "")
    publisher = found.get("publisher")
    names = (
        str(found.get("source") or ""),
        str(publisher.get("name") or "") if isinstance(publisher, dict) else "",
        version,
    )
    try:
        on = date.fromisoformat(version[:10])
    except ValueError:
        on = None
    return VatList(rates, on, ", ".join(filter(None, names))[:300])


def read_current(listed: VatList, *, on: date) -> Reading:
    """Compare a list with the rates in force on a day, and give the rates that begin that day.

    A country's own `effective_from` goes before the day. Which goods have a reduced rate the list
    does not say: where a category's rate is in it no longer and the country has just one reduced
    rate, that is taken; else a note asks to look. "Line" is the country's place in the list.
    """
    there = _rates_on(on, listed.rates)
    standard = _category(STANDARD)
    reading = Reading()
    for line, (code, entry) in enumerate(listed.rates.items(), start=1):
        country = str(code).upper()
        problems = _bad_country(country, line=line)
        rates: dict[str, list[Decimal]] = {}
        begins = on
        try:
            rates, begins = _rates_of(entry), _begins(entry, on)
        except ValueError as error:
            problems.append(Problem(line, country, str(error)))
        reading.problems += problems
        if problems:
            continue
        known = there.get(country, [])
        name = next((row.name for row in known), "") or str(entry.get("vat_abbr") or "VAT")
        common = {"country": country, "region": "", "name": name[:40], "valid_from": begins,
                  "source": listed.source}  # fmt: skip
        for percent in rates["standard"]:
            values = {**common, "category": standard, "percent": percent}
            reading.reads.append(Read(line, values, yields=True))
        for row in known:
            if row.category_id == STANDARD:
                continue
            reduced = _reduced(row, rates)
            if reduced is None:
                reading.notes.append(_note(row, rates))
            elif reduced != row.percent:
                named = {"name": row.name, "category": row.category}
                values = {**common, **named, "percent": reduced}
                reading.reads.append(
                    Read(line, values, yields=True, note=_("the only reduced rate"))
                )
    return reading


def _reduced(row: TaxRate, rates: dict[str, list[Decimal]]) -> Decimal | None:
    """Give the rate of a category by the list: its own, the only reduced one, or None."""
    listed = {percent for group in rates.values() for percent in group}
    if row.percent in listed or row.percent == 0:  # Lists of rates leave zero out.
        return row.percent
    reduced = {*rates["reduced"], *rates["super_reduced"]}
    return reduced.pop() if len(reduced) == 1 else None


def _note(row: TaxRate, rates: dict[str, list[Decimal]]) -> str:
    reduced = sorted({*rates["reduced"], *rates["super_reduced"], *rates["parking"]})
    message = _(
        "%(country)s, %(category)s: %(percent)s %% is not among the rates listed (%(rates)s). "
        "Look at the law and add a row by hand."
    )
    return message % {
        "country": row.country,
        "category": row.category,
        "percent": f"{row.percent.normalize():f}",
        "rates": ", ".join(f"{percent.normalize():f}" for percent in reduced) or "–",
    }


def _rates_of(entry: Any) -> dict[str, list[Decimal]]:
    if not isinstance(entry, dict):
        raise ValueError(_("There are no rates in it."))
    rates = {}
    for group in ("standard", "reduced", "super_reduced", "parking"):
        found = entry.get(group)
        listed: Iterable[Any] = found if isinstance(found, list) else [found]
        rates[group] = [_percent(percent) for percent in listed if percent is not None]
    if len(rates["standard"]) > 1:
        raise ValueError(_("There is more than one standard rate."))
    return rates


def _begins(entry: dict[str, Any], on: date) -> date:
    begins = entry.get("effective_from") or entry.get("valid_from")
    return read_day(str(begins)) if begins else on


def _percent(value: Any) -> Decimal:
    try:
        percent = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        percent = Decimal(-1)
    if not (percent.is_finite() and 0 <= percent < 100):
        raise ValueError(_("A percentage is from 0 to less than 100."))
    return percent


def _bad_country(country: str, *, line: int) -> list[Problem]:
    try:
        country_code(country)
    except ValidationError as error:
        return [Problem(line, "country", " ".join(error.messages))]
    return []


def _names() -> dict[str, str]:
    """Give what each country's tax is called, by its latest standard rate."""
    rows = TaxRate.objects.filter(region="", category_id=STANDARD).order_by("valid_from")
    return dict(rows.values_list("country", "name"))


def _rates_on(on: date, countries: Iterable[str]) -> dict[str, list[TaxRate]]:
    rows = TaxRate.objects.filter(in_force(on), region="", country__in=[*map(str.upper, countries)])
    found: dict[str, list[TaxRate]] = {}
    for row in rows.select_related("category").order_by("country", "category_id"):
        found.setdefault(row.country, []).append(row)
    return found


def _category(code: str) -> TaxCategory:
    return TaxCategory.objects.get_or_create(code=code, defaults={"name": code.capitalize()})[0]
