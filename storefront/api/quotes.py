"""What a basket costs with delivery and tax: the cart's answer, for a basket that nobody keeps."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.reference import one_reference
from catalog.selectors import category_ids_of
from fulfillment.delivery import DeliveryChoice, list_delivery
from fulfillment.stock import available
from markets.legality import describe_obstacle, list_obstacles
from markets.lowest_price import Reduction
from markets.models import Market
from markets.pricing import PriceAnswer, list_reductions
from markets.pricing.baskets import BasketAnswer, BasketLine, quote_basket
from markets.promotions import CouponReason, discount_goods, read_circumstances
from markets.selectors import list_countries
from markets.tax import NoTaxRate, Place, TaxAnswer
from markets.tax_ids import KnownBuyer
from storefront.api.asking import QuoteQuestion, StaffWish
from storefront.api.goods import find_goods, make_goods
from storefront.api.prices import (
    TRACED,
    Answered,
    describe_coupon_answer,
    describe_discount,
    describe_reduction,
)
from storefront.api.problems import NO_DELIVERY, NOT_SERVED, Problem
from storefront.api.traces import trace_price, trace_promotions
from storefront.api.writing import write_amount
from storefront.quoting.pricing import with_cheapest
from storefront.quoting.taxing import Sending, TaxGoods, tax_goods
from storefront.tax_sums import list_extras

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Quote:
    """A basket with its delivery and tax; `goods` and `answers` are in one order."""

    question: QuoteQuestion
    market: Market
    goods: Mapping[str, Variant]
    basket: BasketAnswer
    country: str
    deliveries: Sequence[DeliveryChoice]
    delivery: DeliveryChoice | None
    tax: TaxAnswer | None
    reasons: Mapping[str, str]  # By SKU, why law keeps goods out of the basket.

    @property
    def answers(self) -> Mapping[str, PriceAnswer]:
        return dict(zip(self.goods, self.basket.lines, strict=True))

    @property
    def total(self) -> Decimal:
        """What is paid: with tax where it is known, or where prices include it."""
        return self.tax.gross if self.tax else self.shown

    @property
    def shown(self) -> Decimal:
        """What goods and delivery come to as they are shown, after discounts."""
        delivery = Decimal(self.delivery.price.amount) if self.delivery else Decimal(0)
        return self.basket.goods + delivery - self.basket.discounts.total


def answer_quote(
    question: QuoteQuestion, market: Market, *, wish: StaffWish, now: datetime
) -> Answered:
    """Quote a basket as `storefront.quoting.quote_cart` quotes a cart; raises Problem.

    Prices and promotions are of the moment that staff asked for, else of now; stock, delivery
    and tax are always of now.
    """
    with one_reference():
        quote = _quote(question, market, wish=wish, now=now)
    coupon = quote.basket.discounts.coupon
    return Answered(
        _describe(quote, wish=wish),
        coupon is not None and coupon.reason is CouponReason.UNKNOWN,
    )


def _quote(question: QuoteQuestion, market: Market, *, wish: StaffWish, now: datetime) -> _Quote:
    countries = list_countries(market)
    if question.country and question.country not in countries:
        raise Problem(
            NOT_SERVED,
            _("Market %(market)s sells to %(countries)s.")
            % {"market": market.code, "countries": ", ".join(countries)},
        )
    goods = find_goods(line.sku for line in question.lines)
    refused = list_obstacles(
        {variant.product_id for variant in goods.values()},
        market,
        now.astimezone(market.zone).date(),
        country=question.country,
        region=question.region,
    )
    reasons = {
        sku: describe_obstacle(refused[variant.product_id][0])
        for sku, variant in goods.items()
        if variant.product_id in refused
    }
    goods = {
        line.sku: goods[line.sku]
        for line in question.lines
        if line.sku in goods and line.sku not in reasons
    }
    basket = quote_basket(
        _basket_lines(question, goods),
        market,
        moment=wish.at or now,
        group_ids=wish.group_ids,
        coupon=question.coupon,
    )
    sold = {line.variant_id: line.quantity for line in basket.lines if line.price}
    place = question.country or next(iter(countries), "")
    deliveries = (
        list_delivery(market, country=place, items=sold, goods_total=basket.goods, now=now)
        if sold
        else []
    )
    delivery = _choose(question, deliveries)
    goods_alone = basket
    basket = with_cheapest(basket, deliveries)
    tax = None
    if sold and (question.country or market.prices_include_tax):
        try:
            to = Place(place, question.region, question.postal_code)
            tax = _tax(goods, basket, delivery, to=to, now=now)
        except NoTaxRate as error:
            logger.warning("Market %s does not sell to %s: %s", market.code, place, error)
            basket, deliveries, delivery = goods_alone, [], None
    return _Quote(question, market, goods, basket, place, deliveries, delivery, tax, reasons)


def _basket_lines(question: QuoteQuestion, goods: Mapping[str, Variant]) -> list[BasketLine]:
    quantities = {line.sku: line.quantity for line in question.lines}
    categories = category_ids_of([variant.product_id for variant in goods.values()])
    return [
        BasketLine(
            variant_id=variant.pk,
            product_id=variant.product_id,
            category_ids=categories.get(variant.product_id, frozenset()),
            quantity=quantities[sku],
        )
        for sku, variant in goods.items()
    ]


def _choose(question: QuoteQuestion, deliveries: Sequence[DeliveryChoice]) -> DeliveryChoice | None:
    """Give the option that was asked for, else the first; raises Problem if it is not to be had."""
    if not question.delivery:
        return next(iter(deliveries), None)
    for choice in deliveries:
        if choice.option == question.delivery:
            return choice
    options = ", ".join(choice.option for choice in deliveries)
    raise Problem(
        NO_DELIVERY,
        _("These goods can be delivered by: %(options)s.") % {"options": options}
        if options
        else _("These goods cannot be delivered to this country now."),
    )


def _tax(
    goods: Mapping[str, Variant],
    basket: BasketAnswer,
    delivery: DeliveryChoice | None,
    *,
    to: Place,
    now: datetime,
) -> TaxAnswer:
    """Tax a basket as a consumer's: nobody has said who buys."""
    variants = {variant.pk: variant for variant in goods.values()}
    lines = [
        TaxGoods(
            variant_id=line.variant_id,
            amount=line.amount * line.quantity - basket.discount_of(line.variant_id),
            quantity=line.quantity,
            category=str(variants[line.variant_id].tax_category_id),
            hs_code=variants[line.variant_id].hs_code,
            origin=variants[line.variant_id].origin_country,
            unit_grams=variants[line.variant_id].weight_grams,
        )
        for line in basket.lines
        if line.amount is not None
    ]
    shipping = delivery.price.amount - basket.discounts.delivery if delivery else Decimal(0)
    sending = Sending(to, delivery, shipping, KnownBuyer())
    return tax_goods(lines, sending, market=basket.market, now=now).answer


def _describe(quote: _Quote, *, wish: StaffWish) -> dict[str, object]:
    market, basket, currency = quote.market, quote.basket, quote.market.currency
    described: dict[str, object] = {
        "market": market.code,
        "currency": currency,
        "prices_include_tax": market.prices_include_tax,
        "priced_at": basket.moment.isoformat(),
        "country": quote.country,
        "region": quote.question.region,
        "postal_code": quote.question.postal_code,
        "lines": _lines(quote, wish=wish),
        "goods": write_amount(basket.goods, currency),
        "discounts": _discounts(quote),
        "coupon": describe_coupon_answer(basket.discounts.coupon, currency),
        "delivery_options": [_delivery(choice, quote) for choice in quote.deliveries],
        "delivery": quote.delivery.option if quote.delivery else None,
        "tax": _taxes(quote.tax, currency),
        **_border(quote),
        "total": write_amount(quote.total, currency),
    }
    if wish.explain:
        described["trace"] = {"promotions": _trace_promotions(quote, wish=wish)}
    return described


def _lines(quote: _Quote, *, wish: StaffWish) -> list[dict[str, object]]:
    currency = quote.market.currency
    answers = quote.answers
    reductions = dict(
        zip(
            answers,
            list_reductions(answers.values(), quote.market, group_ids=wish.group_ids),
            strict=True,
        )
    )
    stock = available([variant.pk for variant in quote.goods.values()], quote.market)
    if wish.explain:
        rows = [tried.row for answer in answers.values() for tried in answer.trace]
        prefetch_related_objects(rows, "group")
    lines = []
    for asked in quote.question.lines:
        answer = answers.get(asked.sku)
        line: dict[str, object] = {
            "sku": asked.sku,
            "quantity": asked.quantity,
            "problem": _problem(answer, stock),
            **_amounts(quote, answer, reductions.get(asked.sku), currency),
        }
        if asked.sku in quote.reasons:
            line["reason"] = quote.reasons[asked.sku]
        if wish.explain:
            line["trace"] = {"prices": trace_price(answer, currency) if answer else []}
        lines.append(line)
    return lines


def _problem(answer: PriceAnswer | None, stock: Mapping[int, int]) -> str | None:
    if answer is None or answer.price is None:
        return "not_sold"
    # As in the cart, and no more: how many there are is nobody's business.
    return "short" if stock.get(answer.variant_id, 0) < answer.quantity else None


def _amounts(
    quote: _Quote, answer: PriceAnswer | None, reduction: Reduction | None, currency: str
) -> dict[str, object]:
    if answer is None or answer.amount is None:
        return {"unit": None, "reduction": None, "discount": None, "total": None}
    gross = answer.amount * answer.quantity
    discount = quote.basket.discount_of(answer.variant_id)
    return {
        "unit": write_amount(answer.amount, currency),
        "reduction": describe_reduction(reduction, currency),
        "discount": write_amount(discount, currency),
        "total": write_amount(gross - discount, currency),
    }


def _discounts(quote: _Quote) -> list[dict[str, object]]:
    """List what promotions take off: each line of its own SKU, delivery without one."""
    skus = {str(variant.pk): sku for sku, variant in quote.goods.items()}
    return [
        {
            "sku": None if row.key is None else skus[row.key],
            **describe_discount(row, quote.market.currency),
        }
        for row in quote.basket.discounts.discounts
    ]


def _delivery(choice: DeliveryChoice, quote: _Quote) -> dict[str, object]:
    currency, price = quote.market.currency, Decimal(choice.price.amount)
    return {
        "code": choice.option,
        "name": choice.name,
        "description": choice.description,
        "price": write_amount(price, currency),
        "discount": write_amount(min(price, quote.basket.discounts.delivery), currency),
        "arrives_from": choice.arrives_from.isoformat(),
        "arrives_to": choice.arrives_to.isoformat(),
    }


def _border(quote: _Quote) -> dict[str, object]:
    """Tell what is paid beside goods, delivery and their tax, and what the carrier will ask for.

    `adjustment` is what the place's tax, or none, makes of prices that have another's inside.
    """
    tax, market, currency = quote.tax, quote.market, quote.market.currency
    with_tax = market.prices_include_tax
    extras = list_extras(tax.components, with_tax=with_tax) if tax else ()
    shown = quote.shown + sum((extra.amount for extra in extras), Decimal(0))
    paid = (tax.gross if with_tax else tax.net) if tax else shown
    terms = {parcel.terms for parcel in tax.parcels} if tax else set()
    return {
        "duties_and_fees": [
            {
                "kind": str(extra.kind),
                "label": extra.label,
                "amount": write_amount(extra.amount, currency),
            }
            for extra in extras
        ],
        "adjustment": write_amount(paid - shown, currency),
        "terms": "dap" if "dap" in terms else "ddp" if "ddp" in terms else None,
        "due_on_delivery": [
            {
                "kind": str(part.kind),
                "label": part.label,
                "amount": write_amount(part.gross, currency),
            }
            for part in (tax.due_on_delivery if tax else ())
        ],
    }


def _taxes(tax: TaxAnswer | None, currency: str) -> dict[str, object] | None:
    if tax is None:
        return None
    return {
        "net": write_amount(tax.net, currency),
        "tax": write_amount(tax.tax, currency),
        "rates": [
            {
                "percent": f"{row.percent.normalize():f}",
                "net": write_amount(row.net, currency),
                "tax": write_amount(row.tax, currency),
                "gross": write_amount(row.gross, currency),
            }
            for row in tax.rates
        ],
    }


def _trace_promotions(quote: _Quote, *, wish: StaffWish) -> list[dict[str, object]]:
    """Try the promotions again, with those at hand that are near: other markets', past and next."""
    basket = quote.basket
    circumstances = read_circumstances(
        quote.market,
        moment=basket.moment,
        group_ids=wish.group_ids,
        coupon=quote.question.coupon,
        around=TRACED,
    )
    goods = [good for good in make_goods(quote.goods.values(), basket.lines) if good]
    tried = discount_goods(goods, circumstances, delivery=basket.delivery).tried
    return trace_promotions(tried, quote.market.currency)
