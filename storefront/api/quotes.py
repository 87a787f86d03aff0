"""What a basket costs with delivery and tax: the cart's answer, for a basket that nobody keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.reference import one_reference
from catalog.selectors import category_ids_of
from fulfillment.delivery import DeliveryChoice
from markets.legality import describe_obstacle
from markets.models import Market
from markets.promotions import CouponReason, discount_goods, read_circumstances
from markets.tax import Place, TaxAnswer
from storefront.api.asking import QuoteQuestion, StaffWish, refuse_unserved
from storefront.api.buyers import AskedBuyer, describe_buyer
from storefront.api.goods import find_goods, make_goods
from storefront.api.prices import (
    TRACED,
    Answered,
    describe_coupon_answer,
    describe_discount,
    describe_reduction,
)
from storefront.api.problems import NO_DELIVERY, Problem
from storefront.api.traces import trace_price, trace_promotions
from storefront.api.writing import write_amount
from storefront.landed_words import cost_words, promise_words
from storefront.quoting import CartQuote, QuoteLine
from storefront.quoting.cart import quote_rows
from storefront.quoting.pricing import Shopper
from storefront.quoting.rows import CartRow, CartRows


def answer_quote(
    question: QuoteQuestion, market: Market, *, buyer: AskedBuyer, wish: StaffWish, now: datetime
) -> Answered:
    """Quote a basket as `storefront.quoting.quote_cart` quotes a cart; raises Problem.

    Prices and promotions are of the moment that staff asked for, else of now; stock, delivery
    and tax are always of now.
    """
    with one_reference():
        refuse_unserved(question, market)
        to = Place(question.country, question.region, question.postal_code)
        goods = find_goods(line.sku for line in question.lines)
        quote = quote_rows(
            CartRows(_rows(question, goods)),
            market,
            now=now,
            moment=wish.at or now,
            place=to if question.country else None,
            choose=partial(_choose, question),
            shopper=Shopper(wish.group_ids, question.coupon, customer=""),
            tax_id=buyer.number,
        )
    described = _describe(quote, goods, question=question, wish=wish)
    return Answered(
        {**described, "business": describe_buyer(buyer, quote)},
        quote.coupon is not None and quote.coupon.reason is CouponReason.UNKNOWN,
    )


def _rows(question: QuoteQuestion, goods: Mapping[str, Variant]) -> tuple[CartRow, ...]:
    """Make rows of what was found, in the order asked; one query."""
    categories = category_ids_of([variant.product_id for variant in goods.values()])
    return tuple(
        CartRow(
            variant_id=goods[line.sku].pk,
            quantity=line.quantity,
            product_id=goods[line.sku].product_id,
            category_ids=categories.get(goods[line.sku].product_id, frozenset()),
            tax_category=str(goods[line.sku].tax_category_id),
            is_for_sale=True,
            hs_code=goods[line.sku].hs_code,
            origin=goods[line.sku].origin_country,
            weight_grams=goods[line.sku].weight_grams,
        )
        for line in question.lines
        if line.sku in goods
    )


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


def _describe(
    quote: CartQuote, goods: Mapping[str, Variant], *, question: QuoteQuestion, wish: StaffWish
) -> dict[str, object]:
    market, currency = quote.market, quote.market.currency
    described: dict[str, object] = {
        "market": market.code,
        "currency": currency,
        "prices_include_tax": market.prices_include_tax,
        "priced_at": quote.priced_at.isoformat(),
        "country": quote.to.country,
        "region": quote.to.region,
        "postal_code": quote.to.postal_code,
        "lines": _lines(quote, goods, question=question, explain=wish.explain),
        "goods": write_amount(quote.goods, currency),
        "discounts": _discounts(quote, goods),
        "coupon": describe_coupon_answer(quote.coupon, currency),
        "delivery_options": [_delivery(choice, quote) for choice in quote.deliveries],
        "delivery": quote.delivery.option if quote.delivery else None,
        "tax": _taxes(quote.tax, currency),
        **_border(quote),
        "total": write_amount(quote.total, currency),
    }
    if wish.explain:
        promotions = _trace_promotions(quote, goods, question=question, wish=wish)
        described["trace"] = {"promotions": promotions}
    return described


def _lines(
    quote: CartQuote, goods: Mapping[str, Variant], *, question: QuoteQuestion, explain: bool
) -> list[dict[str, object]]:
    found = {line.variant_id: line for line in quote.lines}
    if explain:
        answers = [line.answer for line in quote.lines if line.answer]
        prefetch_related_objects([tried.row for row in answers for tried in row.trace], "group")
    lines = []
    for asked in question.lines:
        line = found[goods[asked.sku].pk] if asked.sku in goods else None
        described: dict[str, object] = {
            "sku": asked.sku,
            "quantity": asked.quantity,
            "problem": (line.problem or None) if line else "not_sold",
            "stock": _stock(line) if line else None,
            **_amounts(line, quote.currency),
        }
        if line and line.obstacles:
            described["reason"] = describe_obstacle(line.obstacles[0])
        if explain:
            answer = line.answer if line else None
            prices = trace_price(answer, quote.currency) if answer else []
            described["trace"] = {"prices": prices}
        lines.append(described)
    return lines


def _stock(line: QuoteLine) -> dict[str, object]:
    """Say what the shop's pages say: unless they are few, how many is nobody's business."""
    note = line.stock
    return {
        "state": note.kind.value,
        "left": note.left,
        "on": note.on.isoformat() if note.on else None,
    }


def _amounts(line: QuoteLine | None, currency: str) -> dict[str, object]:
    if line is None or line.price is None:
        return {"unit": None, "reduction": None, "discount": None, "total": None}
    return {
        "unit": write_amount(line.unit_price, currency),
        "reduction": describe_reduction(line.reduction, currency),
        "discount": write_amount(line.discount, currency),
        "total": write_amount(line.total - line.discount, currency),
    }


def _discounts(quote: CartQuote, goods: Mapping[str, Variant]) -> list[dict[str, object]]:
    """List what promotions take off: each line of its own SKU, delivery without one."""
    skus = {str(variant.pk): sku for sku, variant in goods.items()}
    return [
        {
            "sku": None if row.key is None else skus[row.key],
            **describe_discount(row, quote.currency),
        }
        for row in quote.promotions.discounts
    ]


def _delivery(choice: DeliveryChoice, quote: CartQuote) -> dict[str, object]:
    currency, price = quote.market.currency, Decimal(choice.price.amount)
    return {
        "code": choice.option,
        "name": choice.name,
        "description": choice.description,
        "price": write_amount(price, currency),
        "discount": write_amount(price - quote.price_of(choice), currency),
        "arrives_from": choice.arrives_from.isoformat(),
        "arrives_to": choice.arrives_to.isoformat(),
        "order_by": choice.order_by.isoformat() if choice.order_by else None,
        "co2_grams": choice.co2_grams,
    }


def _border(quote: CartQuote) -> dict[str, object]:
    """Tell what is paid beside goods, delivery and their tax, and what the carrier will ask for."""
    currency = quote.currency
    return {
        "duties_and_fees": [
            {
                "kind": str(extra.kind),
                "label": extra.label,
                "amount": write_amount(extra.amount, currency),
            }
            for extra in quote.extras
        ],
        "adjustment": write_amount(quote.adjustment, currency),
        "terms": quote.terms or None,
        "promise": _promise(quote) or None,
        "due_on_delivery": [
            {
                "kind": str(part.kind),
                "label": cost_words(part.kind, part.code, tax=part.tax_name),
                "amount": write_amount(part.gross, currency),
            }
            for part in quote.due_on_delivery
        ],
    }


def _promise(quote: CartQuote) -> str:
    codes = {note.code for note in quote.notes}
    return promise_words(quote.terms, codes, is_estimated=bool(quote.due_on_delivery))


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


def _trace_promotions(
    quote: CartQuote, goods: Mapping[str, Variant], *, question: QuoteQuestion, wish: StaffWish
) -> list[dict[str, object]]:
    """Try the promotions again, with those at hand that are near: other markets', past and next."""
    circumstances = read_circumstances(
        quote.market,
        moment=quote.priced_at,
        group_ids=wish.group_ids,
        coupon=question.coupon,
        around=TRACED,
    )
    variants = {variant.pk: variant for variant in goods.values()}
    answers = [line.answer for line in quote.lines if line.answer]
    priced = make_goods([variants[answer.variant_id] for answer in answers], answers)
    cheapest = min((Decimal(row.price.amount) for row in quote.deliveries), default=None)
    tried = discount_goods([good for good in priced if good], circumstances, delivery=cheapest)
    return trace_promotions(tried.tried, quote.currency)
