"""A good as it stands in a list."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from djmoney.money import Money

from catalog.models import Product
from catalog.selectors import with_pictures
from fulfillment.stock import StockKind, StockNote, stock_notes
from markets.lowest_price import Reduction
from markets.models import Market
from storefront.pages.listing import Priced
from storefront.pages.pictures import Picture, picture_of_product
from storefront.pages.unit_price import ShownUnitPrice, show_unit_price
from storefront.shops import active_shop
from storefront.stock_words import best_note, stock_text

SWATCHES = 5


@dataclass(frozen=True)
class Swatch:
    """A colour in which a good can be had, as #RRGGBB."""

    name: str
    colour: str


@dataclass(frozen=True)
class Card:
    title: str
    summary: str
    url: str
    picture: Picture | None
    price: Money
    has_dearer: bool
    reduction: Reduction | None
    unit_price: ShownUnitPrice | None
    swatches: tuple[Swatch, ...]
    more_swatches: int
    stock: StockNote

    @property
    def stock_text(self) -> str:
        """Say what there is, where it is worth a line."""
        return "" if self.stock.kind is StockKind.IN_STOCK else stock_text(self.stock)


def make_cards(items: Iterable[Priced], market: Market) -> tuple[Card, ...]:
    """Make the cards of priced products, in their order, in a constant number of queries."""
    priced = {item.product_id: item for item in items}
    rows = with_pictures(Product.objects.filter(pk__in=priced)).prefetch_related(
        "variants__options__value"
    )
    products = {product.pk: product for product in rows}
    notes = stock_notes(
        [variant.pk for product in products.values() for variant in product.variants.all()],
        market,
        today=timezone.now().astimezone(market.zone).date(),
    )
    return tuple(
        _card(products[pk], item, market, notes=notes)
        for pk, item in priced.items()
        if pk in products
    )


def _card(product: Product, item: Priced, market: Market, *, notes: dict[int, StockNote]) -> Card:
    swatches = _swatches(product)
    return Card(
        title=product.title,
        summary=product.summary,
        url=reverse("shop:product", args=[product.slug]),
        picture=picture_of_product(product),
        price=Money(item.lowest, market.currency),
        has_dearer=item.highest > item.lowest,
        reduction=item.reduction,
        unit_price=_unit_price(product, item, market),
        swatches=tuple(swatches[:SWATCHES]) if len(swatches) > 1 else (),
        more_swatches=max(0, len(swatches) - SWATCHES),
        stock=best_note(notes[variant.pk] for variant in product.variants.all()),
    )


def _unit_price(product: Product, item: Priced, market: Market) -> ShownUnitPrice | None:
    """Show the unit price of the price on the card, which is the cheapest variant's."""
    shop = active_shop()
    cheapest = next((row for row in product.variants.all() if row.pk == item.cheapest_id), None)
    if shop is None or cheapest is None or item.priced_at is None:
        return None
    return show_unit_price(cheapest, Money(item.lowest, market.currency), shop, now=item.priced_at)


def _swatches(product: Product) -> list[Swatch]:
    values = (
        option.value for variant in product.variants.all() for option in variant.options.all()
    )
    return list(
        {value.pk: Swatch(value.name, value.swatch) for value in values if value.swatch}.values()
    )
