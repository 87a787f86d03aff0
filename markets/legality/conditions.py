"""The rules as conditions on products in SQL: the one place that looks whether a good fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from modeltranslation.utils import build_localized_fieldname

from catalog.lineage import list_below
from catalog.models import Media, ResponsiblePerson, Variant
from markets.legality.rules import Demand, Obstacle, ObstacleProblem
from markets.models import ProductRestriction, PublishingRule

_NOTHING = Q(pk__in=())


@dataclass(frozen=True)
class Check:
    """An obstacle and the products that it stands in the way of."""

    obstacle: Obstacle
    condition: Q


def missing_facts(demand: Demand, *, languages: Sequence[str]) -> Iterator[Check]:
    """Give what may be missing of a fact, each with the products that lack it.

    Warnings are wanted in each of `languages`.
    """
    if demand.fact == PublishingRule.Fact.CONTENT:
        yield _check(demand, ObstacleProblem.CONTENT, _subject(demand, content_unit=""))
        return
    subject, named = _subject(demand), Q(safety__isnull=False)
    yield _check(demand, ObstacleProblem.SAFETY, subject & Q(safety__isnull=True))
    if demand.area:
        area = sorted(demand.area)
        inside = Exists(
            ResponsiblePerson.objects.filter(products__product=OuterRef("pk"), country__in=area)
        )
        outside = named & ~Q(safety__manufacturer__country__in=area) & ~Q(inside)
        yield _check(demand, ObstacleProblem.RESPONSIBLE_PERSON, subject & outside)
    for language in languages:
        warnings = build_localized_fieldname("safety__warnings", language)
        silent = Q(**{f"{warnings}__isnull": True}) | Q(**{warnings: ""})
        unwarned = named & Q(safety__needs_no_warnings=False) & silent
        yield _check(demand, ObstacleProblem.WARNINGS, subject & unwarned, reason=language)
    pictured = Exists(Media.objects.filter(product=OuterRef("pk")))
    yield _check(demand, ObstacleProblem.PICTURE, subject & ~Q(pictured))


def restriction(row: ProductRestriction) -> Check:
    """Give a restriction with the products that it is about.

    A product is what its variants for sale are: one with a hazard makes it one.
    """
    condition = Q()
    if row.product_id is not None:
        condition &= Q(pk=row.product_id)
    if row.category_id is not None:
        condition &= Q(category__in=sorted(list_below(row.category_id)))
    if row.hs_prefix or row.hazard:
        wanted: dict[str, object] = {
            **({"hs_code__startswith": row.hs_prefix} if row.hs_prefix else {}),
            **({"hazards__contains": [row.hazard]} if row.hazard else {}),
        }
        condition &= Q(Exists(_variants(**wanted)))
    problem = (
        ObstacleProblem.BARRED
        if row.effect == ProductRestriction.Effect.BARRED
        else ObstacleProblem.RESTRICTED
    )
    reference = f"productrestriction:{row.pk}"
    return Check(Obstacle(problem, row.country, row.region, reference, row.reason), condition)


def is_refused(facts: Sequence[Check], bars: Sequence[Check], *, countries: Sequence[str]) -> Q:
    """Give the condition that `judge` finds an obstacle for a market of these countries."""
    conditions = [check.condition for check in facts]
    by_country = [
        [bar.condition for bar in bars if bar.obstacle.country == country] for country in countries
    ]
    if by_country and all(by_country):
        conditions.append(reduce(and_, (reduce(or_, rows) for rows in by_country)))
    return reduce(or_, conditions, _NOTHING)


def _check(demand: Demand, problem: ObstacleProblem, condition: Q, *, reason: str = "") -> Check:
    return Check(Obstacle(problem, demand.country, row=demand.row, reason=reason), condition)


def _subject(demand: Demand, **having: object) -> Q:
    """Give the products that have a variant for sale of the demand's tax categories."""
    variants = _variants(**having)
    if demand.only is not None:
        variants = variants.filter(tax_category__in=sorted(demand.only))
    if demand.never:
        variants = variants.exclude(tax_category__in=sorted(demand.never))
    return Q(Exists(variants))


def _variants(**having: object) -> QuerySet[Variant]:
    return Variant.objects.filter(product=OuterRef("pk"), is_active=True, **having)
