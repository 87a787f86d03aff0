"""What a product's page says of its safety, and why a product is not sold in a market."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from catalog.models import Manufacturer, Product, ProductSafety, ResponsiblePerson
from markets.legality import Obstacle, ObstacleProblem, describe_obstacle, list_standings
from markets.legality.areas import area_of
from markets.models import Market
from storefront.shops import Shop


@dataclass(frozen=True)
class Contact:
    name: str
    address: tuple[str, ...]
    country: str
    email: str
    website: str


@dataclass(frozen=True)
class ShownSafety:
    """Who answers for a product and what it warns of; `notices` are said before it is bought.

    `language` is that of the warnings, where it is not the page's.
    """

    manufacturer: Contact | None
    responsible: Contact | None
    model: str
    warnings: tuple[str, ...]
    language: str
    notices: tuple[str, ...]

    @property
    def has_facts(self) -> bool:
        return bool(self.manufacturer or self.warnings)


def show_safety(product: Product, shop: Shop, *, now: datetime) -> ShownSafety:
    """Tell the safety facts that are known of a product, in three queries at most.

    The responsible person of the market's area is named where the manufacturer is outside of it.
    Warnings stand in the page's language, else in the market's first, else in English.
    """
    on = now.astimezone(shop.market.zone).date()
    standing = list_standings([product.pk], shop.market, on).get(product.pk)
    notices = tuple(describe_place(row, shop.babel) for row in standing.notices) if standing else ()
    safety = ProductSafety.objects.select_related("manufacturer").filter(product=product).first()
    if safety is None:
        return ShownSafety(None, None, "", (), "", notices)
    warnings, language = _warnings(safety, shop)
    return ShownSafety(
        manufacturer=_contact(safety.manufacturer),
        responsible=_responsible(safety, area_of(shop.market, on)),
        model=safety.model,
        warnings=warnings,
        language="" if language == shop.language else language,
        notices=notices,
    )


def why_not_sold(product: Product, shop: Shop, *, now: datetime) -> tuple[str, ...]:
    """Say why law keeps a product out of the shop's market; empty if it does not."""
    on = now.astimezone(shop.market.zone).date()
    standing = list_standings([product.pk], shop.market, on).get(product.pk)
    words = (describe_place(row, shop.babel) for row in standing.obstacles) if standing else ()
    return tuple(dict.fromkeys(words))


def describe_place(obstacle: Obstacle, locale: Locale) -> str:
    """Say an obstacle or a notice with the country that it is about, where that is news."""
    reason = describe_obstacle(obstacle)
    if obstacle.problem is not ObstacleProblem.BARRED:
        return reason
    country = locale.territories.get(obstacle.country, obstacle.country)
    return _("Not delivered to %(country)s. %(reason)s") % {"country": country, "reason": reason}


def _warnings(safety: ProductSafety, shop: Shop) -> tuple[tuple[str, ...], str]:
    for language in dict.fromkeys((shop.language, _first_language(shop.market), "en")):
        text = getattr(safety, build_localized_fieldname("warnings", language)) or ""
        lines = tuple(line.strip() for line in text.splitlines() if line.strip())
        if lines:
            return lines, language
    return (), ""


def _first_language(market: Market) -> str:
    first = market.languages.order_by("position", "pk").values_list("language", flat=True).first()
    return first or settings.LANGUAGE_CODE


def _responsible(safety: ProductSafety, area: frozenset[str]) -> Contact | None:
    if not area or safety.manufacturer.country in area:
        return None
    persons: Iterable[ResponsiblePerson] = safety.responsible_persons.filter(country__in=area)
    return next((_contact(person) for person in persons), None)


def _contact(row: Manufacturer | ResponsiblePerson) -> Contact:
    return Contact(
        name=row.name,
        address=tuple(line.strip() for line in row.address.splitlines() if line.strip()),
        country=row.country,
        email=row.email,
        website=row.website,
    )
