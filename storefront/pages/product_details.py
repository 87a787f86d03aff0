"""What a product's page shows of the product, for one chosen variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from djmoney.money import Money

from catalog.models import OptionValue, Product, Variant
from catalog.selectors import variant_label
from fulfillment.delivery import list_delivery
from fulfillment.stock import StockKind, StockNote, stock_notes
from markets.lowest_price import Reduction
from markets.models import Price
from markets.pricing import PriceAnswer, PriceRequest, list_reductions, quote_prices
from storefront.pages.measures import write_fact
from storefront.pages.pictures import Picture, pictures_of_variant
from storefront.pages.unit_price import ShownUnitPrice, show_unit_price
from storefront.shops import Shop
from storefront.stock_words import stock_text

_HERE = (StockKind.IN_STOCK, StockKind.FEW)
MOST_AT_ONCE = 10


@dataclass(frozen=True)
class Choice:
    """One value of an option and where choosing it leads."""

    id: str
    name: str
    swatch: str
    url: str
    selected: bool
    in_stock: bool


@dataclass(frozen=True)
class Axis:
    name: str
    chosen: str
    choices: tuple[Choice, ...]
    is_colour: bool


@dataclass(frozen=True)
class Thumbnail:
    picture: Picture
    label: str
    url: str
    selected: bool


@dataclass(frozen=True)
class Promise:
    """When a variant arrives that is ordered now, or until `order_by`; by the first option."""

    arrives_from: date
    arrives_to: date
    country: str
    price: Money
    order_by: datetime | None


@dataclass(frozen=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True)
class Tier:
    """What a unit costs from a quantity on."""

    quantity: int
    price: Money


@dataclass(frozen=True)
class ProductDetails:
    """A product with one of its variants chosen; `price` is as the market shows it."""

    title: str
    summary: str
    description: str
    brand: str
    url: str
    category_name: str
    category_url: str
    variant_url: str
    variant_id: int
    sku: str
    label: str
    barcode: str
    price: Money
    reduction: Reduction | None
    unit_price: ShownUnitPrice | None
    tiers: tuple[Tier, ...]
    prices_include_tax: bool
    stock: StockNote
    quantities: range
    promise: Promise | None
    pictures: tuple[Picture, ...]
    thumbnails: tuple[Thumbnail, ...]
    axes: tuple[Axis, ...]
    facts: tuple[Fact, ...]
    origin: str
    weight_grams: int

    @property
    def has_colours(self) -> bool:
        return any(axis.is_colour for axis in self.axes)

    @property
    def stock_text(self) -> str:
        return stock_text(self.stock)

    @property
    def is_ahead(self) -> bool:
        return self.stock.kind is StockKind.AHEAD

    @property
    def is_scarce(self) -> bool:
        """Tell whether what is there is worth saying beside the day of arrival."""
        return self.stock.kind is not StockKind.IN_STOCK


def describe_product(product: Product, shop: Shop, *, sku: str, now: datetime) -> ProductDetails:
    """Describe a product that the market sells, with the variant of a sku or the first to be had.

    Takes a product with `catalog.selectors.with_details`.
    """
    variants = list(product.variants.all())
    ids = [variant.pk for variant in variants]
    answers = {
        answer.variant_id: answer
        for answer in quote_prices(map(PriceRequest, ids), shop.market, moment=now)
    }
    variants = [variant for variant in variants if answers[variant.pk].price]
    notes = stock_notes(ids, shop.market, today=now.astimezone(shop.market.zone).date())
    chosen = _choose(variants, sku=sku, notes=notes)
    answer = answers[chosen.pk]
    price = answer.price
    if price is None:
        raise LookupError(f"The market sells nothing of {product.slug}.")
    note = notes[chosen.pk]
    address = reverse("shop:product", args=[product.slug])
    category = product.category
    return ProductDetails(
        title=product.title,
        summary=product.summary,
        description=product.description,
        brand=product.brand,
        url=address,
        category_name=category.name if category else "",
        category_url=reverse("shop:category", args=[category.slug]) if category else "",
        variant_url=variant_url(address, chosen),
        variant_id=chosen.pk,
        sku=chosen.sku,
        label=variant_label(chosen),
        barcode=chosen.barcode,
        price=price.amount,
        reduction=list_reductions([answer], shop.market)[0],
        unit_price=show_unit_price(chosen, price.amount, shop, now=now),
        tiers=_tiers(answer, shop),
        prices_include_tax=shop.market.prices_include_tax,
        stock=note,
        quantities=range(1, min(note.sellable, MOST_AT_ONCE) + 1),
        promise=_promise(chosen, price, shop, now=now) if note.sellable else None,
        pictures=tuple(pictures_of_variant(chosen, product)),
        thumbnails=_thumbnails(variants, product, address, chosen=chosen),
        axes=_axes(variants, address, chosen=chosen, notes=notes),
        facts=tuple(
            Fact(
                row.attribute.name,
                row.choice.name
                if row.choice
                else write_fact(row.attribute.code, row.text, shop.babel),
            )
            for row in product.attributes.all()
        ),
        origin=chosen.origin_country,
        weight_grams=chosen.weight_grams,
    )


def variant_url(address: str, variant: Variant) -> str:
    return f"{address}?{urlencode({'v': variant.sku})}"


def _choose(variants: Sequence[Variant], *, sku: str, notes: dict[int, StockNote]) -> Variant:
    asked = (variant for variant in variants if variant.sku == sku)
    here = (variant for variant in variants if notes[variant.pk].kind in _HERE)
    ahead = (variant for variant in variants if notes[variant.pk].can_be_ordered)
    return next(asked, None) or next(here, None) or next(ahead, None) or variants[0]


def _tiers(answer: PriceAnswer, shop: Shop) -> tuple[Tier, ...]:
    return tuple(Tier(quantity, Money(amount, shop.currency)) for quantity, amount in answer.tiers)


def _promise(variant: Variant, price: Price, shop: Shop, *, now: datetime) -> Promise | None:
    choices = list_delivery(
        shop.market,
        country=shop.country,
        items={variant.pk: 1},
        goods_total=price.amount.amount,
        now=now,
    )
    if not choices:
        return None
    first = choices[0]
    return Promise(first.arrives_from, first.arrives_to, shop.country, first.price, first.order_by)


def _thumbnails(
    variants: Sequence[Variant], product: Product, address: str, *, chosen: Variant
) -> tuple[Thumbnail, ...]:
    """Show each picture once, under the first variant that it belongs to."""
    shown: dict[str, Thumbnail] = {}
    for variant in variants:
        picture = next(iter(pictures_of_variant(variant, product)), None)
        if picture is None:
            continue
        selected = variant.pk == chosen.pk
        if picture.url not in shown or selected:
            shown[picture.url] = Thumbnail(
                picture, variant_label(variant), variant_url(address, variant), selected
            )
    return tuple(shown.values()) if len(shown) > 1 else ()


def _axes(
    variants: Sequence[Variant], address: str, *, chosen: Variant, notes: dict[int, StockNote]
) -> tuple[Axis, ...]:
    values_of = {
        variant.pk: {row.option_id: row.value for row in variant.options.all()}
        for variant in variants
    }
    names = {
        row.option_id: row.option.name for variant in variants for row in variant.options.all()
    }
    axes = []
    for option_id, name in names.items():
        values = {
            values_of[variant.pk][option_id].pk: values_of[variant.pk][option_id]
            for variant in variants
            if option_id in values_of[variant.pk]
        }
        if len(values) < 2:
            continue
        current = values_of[chosen.pk].get(option_id)
        choices = []
        for value in sorted(values.values(), key=lambda value: (value.position, value.pk)):
            target = _nearest(variants, values_of, chosen, option_id=option_id, value=value)
            choices.append(
                Choice(
                    id=f"option-{option_id}-{value.pk}",
                    name=value.name,
                    swatch=value.swatch,
                    url=variant_url(address, target),
                    selected=current is not None and value.pk == current.pk,
                    in_stock=notes[target.pk].can_be_ordered,
                )
            )
        axes.append(
            Axis(
                name=name,
                chosen=current.name if current else "",
                choices=tuple(choices),
                is_colour=all(choice.swatch for choice in choices),
            )
        )
    return tuple(axes)


def _nearest(
    variants: Sequence[Variant],
    values_of: dict[int, dict[int, OptionValue]],
    chosen: Variant,
    *,
    option_id: int,
    value: OptionValue,
) -> Variant:
    """Find the variant with a value that differs least from the chosen one otherwise."""

    def same(variant: Variant) -> int:
        mine, theirs = values_of[chosen.pk], values_of[variant.pk]
        return sum(theirs.get(key) == mine[key] for key in mine if key != option_id)

    having = [row for row in variants if values_of[row.pk].get(option_id) == value]
    return max(having, key=same)
