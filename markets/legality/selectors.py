"""What law keeps from being sold, looked up for goods, for markets and for destinations."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from catalog.models import Product
from catalog.reference import Reference, keep, one_reference
from markets.legality.conditions import Check, is_refused, missing_facts, restriction
from markets.legality.rules import (
    Obstacle,
    ObstacleProblem,
    Standing,
    in_force_on,
    judge,
    list_demands,
)
from markets.models import Market, MarketLanguage, ProductRestriction, PublishingRule
from markets.selectors import list_countries

keep(PublishingRule)
keep(ProductRestriction)
keep(MarketLanguage)


@dataclass(frozen=True)
class _Checks:
    """What is looked at for a market on a day."""

    facts: tuple[Check, ...]
    restrictions: tuple[Check, ...]


@dataclass(frozen=True)
class _Look:
    """The statement that looks at them: putting it together takes longer than answering it.

    It gives products with a flag for each fact, then one for each restriction.
    """

    facts: tuple[Check, ...]
    restrictions: tuple[Check, ...]
    sql: str
    parameters: tuple[Any, ...]


def list_obstacles(
    product_ids: Iterable[int], market: Market, on: date, *, country: str = "", region: str = ""
) -> dict[int, tuple[Obstacle, ...]]:
    """List why some products may not be sold in a market; the others are left out.

    With a country (two-letter code) and a region also what is barred just there. `on` is a day of
    the market. One query where the market has rules, none where it has not.
    """
    found = list_standings(product_ids, market, on, country=country, region=region)
    return {pk: standing.obstacles for pk, standing in found.items() if standing.obstacles}


def list_standings(
    product_ids: Iterable[int], market: Market, on: date, *, country: str = "", region: str = ""
) -> dict[int, Standing]:
    """Tell of some products how they stand; those with neither obstacle nor notice are left out.

    As `list_obstacles`, with the notices: restrictions, and bars of a part of the market.
    """
    ids = sorted(set(product_ids))
    with one_reference() as read:
        own = list_countries(market)
        countries = (country,) if country else own
        look = read.derive(_look, market.pk, on, countries, own)
    if not ids or look is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(look.sql, [*look.parameters, ids])
        rows = cursor.fetchall()
    standings = {}
    for pk, *flags in rows:
        fitting = _hits(look.restrictions, flags[len(look.facts) :])
        standing = judge(
            _hits(look.facts, flags[: len(look.facts)]),
            [row for row in fitting if row.region in ("", region)],
            countries=countries,
            is_destination=bool(country),
        )
        if standing.obstacles or standing.notices:
            standings[pk] = standing
    return standings


def unsellable(market: Market, on: date) -> QuerySet[Product] | None:
    """Give the products that law keeps out of a market, for a subquery; None where no rule does."""
    with one_reference() as read:
        refused = _refusal(read, market, on)
    return None if refused is None else Product.objects.filter(refused).order_by()


def refusing_markets(product_id: int, market_ids: Collection[int], *, now: datetime) -> set[int]:
    """Find the markets that law keeps a product out of, as `refused_products` does."""
    return set(refused_products([product_id], market_ids, now=now))


def refused_products(
    product_ids: Iterable[int] | None, market_ids: Collection[int], *, now: datetime
) -> dict[int, set[int]]:
    """Give by market the products, of some or of all, that law keeps out of it, if there are any.

    Each market is asked for its own day. Two queries, however many markets, none for no market.
    """
    if not market_ids:
        return {}
    conditions = {}
    with one_reference() as read:
        if not read.rows(PublishingRule) and not read.rows(ProductRestriction):
            return {}
        for market in Market.objects.filter(pk__in=market_ids):
            refused = _refusal(read, market, now.astimezone(market.zone).date())
            if refused is not None:
                conditions[market.pk] = refused
    if not conditions:
        return {}
    products = Product.objects.filter(reduce(or_, conditions.values())).order_by()
    if product_ids is not None:
        products = products.filter(pk__in=list(product_ids))
    flags = {f"market_{pk}": _truth(condition) for pk, condition in conditions.items()}
    found: dict[int, set[int]] = {}
    for row in products.annotate(**flags).values("pk", *flags):
        for pk in conditions:
            if row[f"market_{pk}"]:
                found.setdefault(pk, set()).add(row["pk"])
    return found


def _refusal(read: Reference, market: Market, on: date) -> Q | None:
    countries = list_countries(market)
    checks = read.derive(_checks, market.pk, on, countries, countries)
    bars = [
        row
        for row in checks.restrictions
        if row.obstacle.problem is ObstacleProblem.BARRED and not row.obstacle.region
    ]
    if not checks.facts and not bars:
        return None
    return is_refused(checks.facts, bars, countries=countries)


def _checks(
    read: Reference,
    market_id: int,
    on: date,
    countries: tuple[str, ...],
    market_countries: tuple[str, ...],
) -> _Checks:
    rules = sorted(in_force_on(read.rows(PublishingRule), on), key=lambda rule: rule.pk)
    # Facts belong to the market's offer, wherever the goods then go.
    demands = list_demands(rules, countries=market_countries)
    languages = _languages(read, market_id)
    rows = sorted(in_force_on(read.rows(ProductRestriction), on), key=lambda row: row.pk)
    return _Checks(
        facts=tuple(
            check for demand in demands for check in missing_facts(demand, languages=languages)
        ),
        restrictions=tuple(restriction(row) for row in rows if row.country in countries),
    )


def _languages(read: Reference, market_id: int) -> tuple[str, ...]:
    """List the languages that the market is sold in, in its order: warnings are wanted in each."""
    rows = sorted(
        read.rows(MarketLanguage, market_id=market_id), key=lambda row: (row.position, row.pk)
    )
    return tuple(row.language for row in rows) or (str(settings.LANGUAGE_CODE),)


def _look(
    read: Reference,
    market_id: int,
    on: date,
    countries: tuple[str, ...],
    market_countries: tuple[str, ...],
) -> _Look | None:
    checks = read.derive(_checks, market_id, on, countries, market_countries)
    every = (*checks.facts, *checks.restrictions)
    if not every:
        return None
    flags = {f"flag_{place}": _truth(check.condition) for place, check in enumerate(every)}
    products = Product.objects.order_by().annotate(product=F("pk"), **flags)
    names = ", ".join(["product", *flags])
    sql, parameters = products.values("product", *flags).query.sql_with_params()
    return _Look(
        checks.facts,
        checks.restrictions,
        f"SELECT {names} FROM ({sql}) AS looked WHERE product = ANY(%s)",  # noqa: S608 - our own names
        parameters,
    )


def _hits(checks: Sequence[Check], flags: Sequence[bool]) -> list[Obstacle]:
    return [check.obstacle for check, flag in zip(checks, flags, strict=True) if flag]


def _truth(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())
