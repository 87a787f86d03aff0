"""Which dated rules hold for an offer, and what they make of a good. Pure: no database, no clock.

A *demand* is a fact that an offer must state; a *restriction* is about goods that may not be sent
to a place, or only under a condition. Facts belong to the offer, so one country of a market that
demands them is enough; a bar belongs to the destination, so a market whose countries are not all
barred goes on selling.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar


class ObstacleProblem(StrEnum):
    """What stands in the way of selling a good."""

    SAFETY = "safety"  # No manufacturer is named.
    RESPONSIBLE_PERSON = "responsible_person"
    WARNINGS = "warnings"
    PICTURE = "picture"
    CONTENT = "content"
    BARRED = "barred"
    RESTRICTED = "restricted"  # No obstacle but a condition: only ever among notices.


@dataclass(frozen=True)
class Obstacle:
    """Why a good is not sold, or under which condition, by the dated row that says so.

    `row` is `publishingrule:ID` or `productrestriction:ID`; `reason` is a restriction's, and the
    language's code where warnings are missing.
    """

    problem: ObstacleProblem
    country: str
    region: str = ""
    row: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How a good stands in a market or at a destination: it is sold if there is no obstacle."""

    obstacles: tuple[Obstacle, ...] = ()
    notices: tuple[Obstacle, ...] = ()


@dataclass(frozen=True)
class Demand:
    """A fact that the offers of a country must state, of goods of some tax categories.

    `only` None is all but `never`. `area` are the countries whose manufacturers need no
    responsible person; empty, the law wants none.
    """

    fact: str
    country: str
    row: str
    area: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()


class DatedRow(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


class FactRule(DatedRow, Protocol):
    """A publishing rule; `tax_category_id` None is all goods."""

    @property
    def pk(self) -> int: ...
    @property
    def country(self) -> str: ...
    @property
    def fact(self) -> str: ...
    @property
    def tax_category_id(self) -> str | None: ...
    @property
    def is_needed(self) -> bool: ...
    @property
    def area(self) -> str: ...


_Dated = TypeVar("_Dated", bound=DatedRow)
_Rule = TypeVar("_Rule", bound=FactRule)


def in_force_on(rows: Iterable[_Dated], day: date) -> list[_Dated]:
    """Keep the rows in force on a day: `valid_from` is inside, `valid_to` is not."""
    return [
        row
        for row in rows
        if row.valid_from <= day and (row.valid_to is None or row.valid_to > day)
    ]


def list_demands(rules: Sequence[_Rule], *, countries: Collection[str]) -> tuple[Demand, ...]:
    """Work out what offers to some countries must state, by all rules in force of all countries.

    Demands that ask for the same are listed once, for the first of the countries.
    """
    demands: dict[object, Demand] = {}
    for country in countries:
        for fact in dict.fromkeys(rule.fact for rule in rules if rule.country == country):
            demand = _demand([r for r in rules if (r.country, r.fact) == (country, fact)], rules)
            if demand is not None:
                same = (demand.fact, demand.area, demand.only, demand.never)
                demands.setdefault(same, demand)
    return tuple(demands.values())


def _demand(own: Sequence[_Rule], rules: Sequence[_Rule]) -> Demand | None:
    general = next((rule for rule in own if rule.tax_category_id is None), None)
    by_category = {rule.tax_category_id: rule for rule in own if rule.tax_category_id is not None}
    if general is not None and general.is_needed:
        never = frozenset(code for code, rule in by_category.items() if not rule.is_needed)
        return _as_demand(general, rules, only=None, never=never)
    needed = {code: rule for code, rule in by_category.items() if rule.is_needed}
    if not needed:
        return None
    return _as_demand(next(iter(needed.values())), rules, only=frozenset(needed), never=frozenset())


def _as_demand(
    rule: _Rule, rules: Sequence[_Rule], *, only: frozenset[str] | None, never: frozenset[str]
) -> Demand:
    area = frozenset(
        other.country
        for other in rules
        if rule.area and other.area == rule.area and other.fact == rule.fact and other.is_needed
    )
    return Demand(rule.fact, rule.country, f"publishingrule:{rule.pk}", area, only, never)


def judge(
    missing: Iterable[Obstacle],
    restrictions: Iterable[Obstacle],
    *,
    countries: Sequence[str],
    is_destination: bool,
) -> Standing:
    """Judge a good by the facts that it lacks and the restrictions that fit it.

    At a destination any bar of it is an obstacle. In a market one is where no country is left; a
    bar that leaves some is a notice.
    """
    fitting = [row for row in restrictions if row.country in countries]
    bars = [row for row in fitting if row.problem is ObstacleProblem.BARRED]
    whole = {row.country for row in bars if not row.region}
    is_barred = bool(bars) if is_destination else bool(countries) and whole >= set(countries)
    notices = [row for row in fitting if row.problem is not ObstacleProblem.BARRED]
    return Standing(
        obstacles=(*missing, *(bars if is_barred else ())),
        notices=(*(() if is_barred else bars), *notices),
    )
