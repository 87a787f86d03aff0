"""What a cart costs, as pages and the order read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from catalog.selectors import variant_label
from fulfillment.delivery import DeliveryChoice
from fulfillment.stock import StockNote
from markets.legality import Obstacle
from markets.lowest_price import Reduction
from markets.models import Market, Price
from markets.pricing import PriceAnswer
from markets.promotions import BasketDiscounts, CouponAnswer
from markets.tax import ComponentKind, Note, Place, RateTotal, TaxAnswer, TaxComponent
from storefront.quoting.details import CartDetails
from storefront.quoting.taxing import Taxed
from storefront.tax_sums import Extra, TaxSum, list_extras, sum_taxes

SHIPPING_KEY = "shipping"

PROBLEMS = {
    "not_sold": _("Not sold in this market."),
    "short": _("Not enough in stock."),
}


@dataclass(frozen=True)
class QuoteLine:
    """A line of a cart as it stands now; amounts as shown, in the market's currency.

    `price` is None where the market does not sell the variant; the line then costs nothing and
    keeps the order from being placed; `obstacles` are what law has against it. `reduction` is
    what may be announced of the unit's price, `discount` what promotions take off all units.
    """

    variant_id: int
    quantity: int
    stock: StockNote
    tax_category: str
    price: Price | None
    details: CartDetails = field(repr=False, compare=False)
    discount: Decimal = Decimal(0)
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def variant(self) -> Variant:
        return self.details.variants[self.variant_id]

    @property
    def available(self) -> int:
        """How many units can be ordered now, here or ahead."""
        return self.stock.sellable

    @property
    def ahead(self) -> int:
        """How many of its units are not here yet."""
        return max(0, min(self.quantity, self.available) - self.stock.here)

    @property
    def options(self) -> str:
        return variant_label(self.variant)

    @property
    def answer(self) -> PriceAnswer | None:
        """Why the price is what it is; None where the line was not priced at all."""
        return self.details.answers.get(self.variant_id)

    @property
    def reduction(self) -> Reduction | None:
        return self.details.reductions.get(self.variant_id)

    @property
    def title(self) -> str:
        return str(self.variant.product.title)

    @property
    def unit_price(self) -> Decimal:
        return Decimal(self.price.amount.amount) if self.price else Decimal(0)

    @property
    def total(self) -> Decimal:
        """What all units cost before discounts."""
        return self.unit_price * self.quantity

    @property
    def problem(self) -> str:
        """Why the line keeps the order from being placed: empty, `not_sold` or `short`."""
        if self.price is None:
            return "not_sold"
        return "short" if self.available < self.quantity else ""


@dataclass(frozen=True)
class DiscountRow:
    """What one promotion takes off a cart in all, goods and delivery together."""

    promotion_id: int
    label: str
    amount: Decimal


@dataclass(frozen=True)
class CartQuote:
    """A cart's lines, delivery choices, discounts and total; tax is None until the place is known.

    `goods` and `shipping` are before discounts, `total` is what the shopper pays: with tax,
    duties and fees once `tax` is known, or at once where prices include tax. Goods, shipping,
    extras and adjustment less the discount are the total, or its net where tax is added to them.
    `to` is where it would be sent, the market's first country where nobody has said.
    Prices, rates and promotions are those of `priced_at`, which are kept until `held_until`.
    """

    market: Market
    to: Place
    lines: tuple[QuoteLine, ...]
    deliveries: tuple[DeliveryChoice, ...]
    delivery: DeliveryChoice | None
    promotions: BasketDiscounts
    taxed_basket: Taxed | None
    priced_at: datetime
    held_until: datetime | None = None

    @property
    def currency(self) -> str:
        return str(self.market.currency)

    @property
    def goods(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def shipping(self) -> Decimal | None:
        return Decimal(self.delivery.price.amount) if self.delivery else None

    @property
    def discount(self) -> Decimal:
        return self.promotions.total

    @property
    def discount_on_goods(self) -> Decimal:
        return self.promotions.total - self.promotions.delivery

    @property
    def discounts(self) -> tuple[DiscountRow, ...]:
        """List what is taken off, a row for each promotion in the order they were applied."""
        return _by_promotion(self.promotions)

    @property
    def coupon(self) -> CouponAnswer | None:
        """What became of the code that the shopper typed."""
        return self.promotions.coupon

    @property
    def tax(self) -> TaxAnswer | None:
        return self.taxed_basket.answer if self.taxed_basket else None

    @property
    def total(self) -> Decimal:
        if self.tax:
            return self.tax.gross
        return self.goods + (self.shipping or Decimal(0)) - self.discount

    @property
    def rates(self) -> tuple[RateTotal, ...]:
        return self.tax.rates if self.tax else ()

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """List each tax that is in the total."""
        return sum_taxes(self.tax.components) if self.tax else ()

    @property
    def extras(self) -> tuple[Extra, ...]:
        """List the duties and fees that are in the total."""
        with_tax = self.market.prices_include_tax
        return list_extras(self.tax.components, with_tax=with_tax) if self.tax else ()

    @property
    def adjustment(self) -> Decimal:
        """What the place's tax, or none, makes of prices that have another's inside."""
        if self.tax is None:
            return Decimal(0)
        shown = self.goods + (self.shipping or Decimal(0)) - self.discount
        shown += sum((extra.amount for extra in self.extras), Decimal(0))
        return (self.tax.gross if self.market.prices_include_tax else self.tax.net) - shown

    @property
    def terms(self) -> str:
        """Tell who pays at a border: `dap` if the buyer does for some parcel, `ddp`, or empty."""
        terms = {parcel.terms for parcel in self.tax.parcels} if self.tax else set()
        return "dap" if "dap" in terms else "ddp" if "ddp" in terms else ""

    @property
    def due_on_delivery(self) -> tuple[TaxComponent, ...]:
        """List what the carrier is estimated to ask of the buyer; it is in no total."""
        return self.tax.due_on_delivery if self.tax else ()

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.tax.notes if self.tax else ()

    @property
    def problems(self) -> tuple[QuoteLine, ...]:
        return tuple(line for line in self.lines if line.problem)

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    def price_of(self, choice: DeliveryChoice) -> Decimal:
        """Give what a way of delivery costs after discounts."""
        return Decimal(choice.price.amount) - min(choice.price.amount, self.promotions.delivery)

    def taxed(self, key: str) -> "TaxedPart":
        """Add up the parts of a variant's line, by its id, or of `shipping`."""
        wanted = (ComponentKind.GOODS, ComponentKind.SHIPPING)
        return add_up(part for part in self.components if part.key == key and part.kind in wanted)

    @property
    def components(self) -> tuple[TaxComponent, ...]:
        if self.tax is None:
            raise LookupError("The quote has no tax: its country is not known.")
        return self.tax.components


@dataclass(frozen=True)
class TaxedPart:
    """The sum of components; rate, name and row are those of the one with the most tax on it."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    percent: Decimal
    name: str
    rate_id: int | None


def add_up(components: Iterable[TaxComponent]) -> TaxedPart:
    """Add up the parts of a line or a charge."""
    parts = list(components)
    main = max(parts, key=lambda part: (part.tax, part.gross), default=None)
    kind, _colon, number = main.row.partition(":") if main else ("", "", "")
    return TaxedPart(
        net=sum((part.net for part in parts), Decimal(0)),
        tax=sum((part.tax for part in parts), Decimal(0)),
        gross=sum((part.gross for part in parts), Decimal(0)),
        percent=main.percent if main else Decimal(0),
        name=main.tax_name if main else "",
        rate_id=int(number) if kind == "taxrate" and number.isdigit() else None,
    )


def _by_promotion(promotions: BasketDiscounts) -> tuple[DiscountRow, ...]:
    """Add discounts up by promotion, in the order that they were applied."""
    sums: dict[tuple[int, str], Decimal] = {}
    for row in promotions.discounts:
        key = (row.promotion_id, row.label)
        sums[key] = sums.get(key, Decimal(0)) + row.amount
    return tuple(DiscountRow(*key, amount) for key, amount in sums.items())
