"""Lists of goods with a price: what is filtered, sorted and cut into pages, in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from fulfillment.models import DeliveryOption, Sellable, Zone
from markets.legality import unsellable
from markets.lowest_price import Reduction
from markets.models import Market, Price
from markets.pricing import PriceRequest, everybodys_prices, list_reductions, quote_prices

PAGE_SIZE = 24
MAX_PAGE = 10_000
SORTS: dict[str, str | Promise] = {
    "featured": _("Featured"),
    "newest": _("Newest"),
    "price": _("Price, low to high"),
    "-price": _("Price, high to low"),
}


# Prices grouped by product: dictionaries, whose keys no stub can know.
Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class ListQuery:
    """What a shopper asked of a list; prices in the market's currency, both bounds inside."""

    sort: str = "featured"
    lowest: Decimal | None = None
    highest: Decimal | None = None
    in_stock: bool = False
    page: int = 1

    @classmethod
    def of(cls, data: Mapping[str, str]) -> "ListQuery":
        """Read a query string; what makes no sense is as if it were not there."""
        lowest, highest = _amount(data.get("min", "")), _amount(data.get("max", ""))
        if lowest is not None and highest is not None and lowest > highest:
            lowest, highest = highest, lowest
        page = data.get("page", "")
        sort = data.get("sort", "")
        return cls(
            sort=sort if sort in SORTS else "featured",
            lowest=lowest,
            highest=highest,
            in_stock=data.get("stock") == "1",
            page=min(max(int(page), 1), MAX_PAGE) if page.isascii() and page.isdigit() else 1,
        )

    @property
    def is_filtered(self) -> bool:
        return self.lowest is not None or self.highest is not None or self.in_stock

    @property
    def is_plain(self) -> bool:
        """Whether this is the list itself, as a search engine should know it."""
        return not self.is_filtered and self.sort == "featured"

    def parameters(self, *, page: int = 1, **extra: str) -> str:
        """Write the query string of another page of the same list, with its `?`."""
        pairs: dict[str, str] = {key: value for key, value in extra.items() if value}
        if self.sort != "featured":
            pairs["sort"] = self.sort
        if self.lowest is not None:
            pairs["min"] = f"{self.lowest.normalize():f}"
        if self.highest is not None:
            pairs["max"] = f"{self.highest.normalize():f}"
        if self.in_stock:
            pairs["stock"] = "1"
        if page > 1:
            pairs["page"] = str(page)
        return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True)
class Priced:
    """A product with what its variants cost in the market, from the lowest to the highest.

    `reduction` is what may be announced of the lowest, at `priced_at`; `cheapest_id` is the variant
    that costs it.
    """

    product_id: int
    lowest: Decimal
    highest: Decimal
    reduction: Reduction | None = None
    cheapest_id: int | None = None
    priced_at: datetime | None = None


@dataclass(frozen=True)
class Listing:
    """One page of a list; `cheapest` and `dearest` are of the whole list before the filter."""

    items: tuple[Priced, ...]
    total: int
    page: int
    pages: int
    cheapest: Decimal | None
    dearest: Decimal | None


def list_by_category(
    category_ids: Sequence[int], market: Market, *, query: ListQuery, now: datetime
) -> Listing:
    """List the goods of some categories that the market sells."""
    rows = _priced(market, now=now).filter(variant__product__category_id__in=category_ids)
    return _cut(rows, market, query, featured=("-stocked", "product"), now=now)


def list_found(
    product_ids: Sequence[int], market: Market, *, query: ListQuery, now: datetime
) -> Listing:
    """List what a search found and the market sells; featured is the search's own order."""
    place = Func(
        Value(list(product_ids), output_field=ArrayField(BigIntegerField())),
        F("variant__product_id"),
        function="array_position",
        output_field=IntegerField(),
    )
    rows = (
        _priced(market, now=now)
        .filter(variant__product_id__in=product_ids)
        .annotate(place=Min(place))
    )
    return _cut(rows, market, query, featured=("place",), now=now)


def list_newest(market: Market, *, count: int, now: datetime) -> tuple[Priced, ...]:
    """List the goods that came last and can be had."""
    rows = _priced(market, now=now).filter(variant__in=sellable_variants(market))
    return _items(rows.order_by("-created", "-product")[:count], market, now=now)


def list_beside(
    product: Product, market: Market, *, count: int, now: datetime
) -> tuple[Priced, ...]:
    """List goods of the same category that can be had, those after the product first."""
    rows = (
        _priced(market, now=now)
        .filter(variant__product__category_id=product.category_id)
        .filter(variant__in=sellable_variants(market))
        .exclude(variant__product=product)
    )
    earlier = Max(
        Case(When(variant__product__lt=product.pk, then=1), default=0, output_field=IntegerField())
    )
    found = rows.annotate(earlier=earlier).order_by("earlier", "product")[:count]
    return _items(found, market, now=now)


def sellable_variants(market: Market) -> QuerySet[Sellable, Any]:
    """Give the ids, as a subquery, of variants of which `fulfillment.stock.available` has any."""
    zones = Zone.objects.filter(
        countries__overlap=ArraySubquery(market.countries.order_by().values("country")),
        service__is_active=True,
        service__option__in=DeliveryOption.objects.filter(market=market, is_active=True).values(
            "code"
        ),
        warehouse__is_active=True,
    )
    return Sellable.objects.filter(warehouse__in=zones.values("warehouse"), units__gt=0).values(
        "variant"
    )


def _priced(market: Market, *, now: datetime) -> Rows:
    rows: Rows = (
        Price.objects.filter(
            everybodys_prices(now),
            market=market,
            variant__is_active=True,
            variant__product__status=Product.Status.ACTIVE,
        )
        .order_by()
        .values(product=F("variant__product_id"), created=F("variant__product__created_at"))
        .annotate(
            lowest=Min("amount"),
            highest=Max("amount"),
            reduced=ArrayAgg("variant", filter=Q(is_reduction=True)),
            by_amount=ArrayAgg("variant", order_by=("amount", "variant")),
        )
    )
    refused = unsellable(market, now.astimezone(market.zone).date())
    return rows if refused is None else rows.exclude(variant__product__in=refused)


def _cut(
    rows: Rows,
    market: Market,
    query: ListQuery,
    *,
    featured: tuple[str, ...],
    now: datetime,
) -> Listing:
    stocked = sellable_variants(market)
    if query.in_stock:
        rows = rows.filter(variant__in=stocked)
    wanted = Q()
    if query.lowest is not None:
        wanted &= Q(lowest__gte=query.lowest)
    if query.highest is not None:
        wanted &= Q(lowest__lte=query.highest)
    sums = rows.aggregate(
        total=Count("product", filter=wanted) if wanted else Count("product"),
        cheapest=Min("lowest"),
        dearest=Max("lowest"),
    )
    pages = max(1, -(-sums["total"] // PAGE_SIZE))
    page = min(query.page, pages)
    if "-stocked" in featured and query.sort == "featured":
        rows = rows.annotate(
            stocked=Max(
                Case(When(variant__in=stocked, then=1), default=0, output_field=IntegerField())
            )
        )
    order = {
        "featured": featured,
        "newest": ("-created", "-product"),
        "price": ("lowest", "product"),
        "-price": ("-lowest", "product"),
    }[query.sort]
    start = (page - 1) * PAGE_SIZE
    found = rows.filter(wanted).order_by(*order)[start : start + PAGE_SIZE]
    return Listing(
        items=_items(found, market, now=now),
        total=sums["total"],
        page=page,
        pages=pages,
        cheapest=sums["cheapest"],
        dearest=sums["dearest"],
    )


def _items(rows: Rows, market: Market, *, now: datetime) -> tuple[Priced, ...]:
    found = list(rows)
    reductions = _reductions(found, market, now=now)
    return tuple(
        Priced(
            row["product"],
            Decimal(row["lowest"]),
            Decimal(row["highest"]),
            reductions.get(row["product"]),
            row["by_amount"][0],
            now,
        )
        for row in found
    )


def _reductions(rows: Sequence[Any], market: Market, *, now: datetime) -> dict[int, Reduction]:
    """Find what may be announced of products: the least reduction of their lowest price.

    Two queries more where there is a reduced price on the page, and the market has that law.
    """
    product_of = {variant_id: row["product"] for row in rows for variant_id in row["reduced"] or ()}
    if not product_of or market.lowest_price_days <= 0:
        return {}
    lowest = {row["product"]: Decimal(row["lowest"]) for row in rows}
    answers = quote_prices(map(PriceRequest, product_of), market, moment=now)
    found: dict[int, Reduction] = {}
    for answer, reduction in zip(answers, list_reductions(answers, market), strict=True):
        product_id = product_of[answer.variant_id]
        if reduction is None or answer.amount != lowest[product_id]:
            continue
        if product_id not in found or reduction.prior < found[product_id].prior:
            found[product_id] = reduction
    return found


def _amount(typed: str) -> Decimal | None:
    """Read an amount as people type it: 12,50 and 12.50 alike."""
    try:
        amount = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None
