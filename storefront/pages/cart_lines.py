"""A cart's lines as pages show them."""

from dataclasses import dataclass

from babel import Locale
from django.urls import reverse
from django.utils.functional import Promise
from djmoney.money import Money

from markets.lowest_price import Reduction
from storefront.pages.pictures import Picture, pictures_of_variant
from storefront.pages.product_details import variant_url
from storefront.pages.safety import describe_place
from storefront.quoting import PROBLEMS, CartQuote, QuoteLine
from storefront.shops import active_shop
from storefront.stock_words import line_text

MOST_PER_LINE = 10


@dataclass(frozen=True)
class ShownLine:
    variant_id: int
    sku: str
    title: str
    options: str
    url: str
    picture: Picture | None
    quantity: int
    quantities: tuple[int, ...]
    unit_price: Money
    reduction: Reduction | None
    total: Money
    available: int
    stock_text: str
    is_ahead: bool
    problem: str
    problem_text: str | Promise
    reason: str


def show_lines(quote: CartQuote) -> tuple[ShownLine, ...]:
    return tuple(_show(line, quote.currency) for line in quote.lines)


def show_reason(line: QuoteLine) -> str:
    """Say what law has against a line; empty where it has nothing."""
    shop = active_shop()
    locale = shop.babel if shop else Locale("en")
    return describe_place(line.obstacles[0], locale) if line.obstacles else ""


def _show(line: QuoteLine, currency: str) -> ShownLine:
    product = line.variant.product
    highest = max(line.quantity, min(line.available, MOST_PER_LINE))
    return ShownLine(
        variant_id=line.variant.pk,
        sku=line.variant.sku,
        title=line.title,
        options=line.options,
        url=variant_url(reverse("shop:product", args=[product.slug]), line.variant),
        picture=next(iter(pictures_of_variant(line.variant, product)), None),
        quantity=line.quantity,
        quantities=tuple(range(1, min(highest, MOST_PER_LINE) + 1))
        + ((line.quantity,) if line.quantity > MOST_PER_LINE else ()),
        unit_price=Money(line.unit_price, currency),
        reduction=line.reduction,
        total=Money(line.total, currency),
        available=line.available,
        stock_text=line_text(line.stock, line.quantity),
        is_ahead=line.ahead > 0,
        problem=line.problem,
        problem_text=show_reason(line) or PROBLEMS.get(line.problem, ""),
        reason=show_reason(line),
    )
