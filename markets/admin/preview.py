"""What a shopper pays in a market on a day, and why: the shop's own answer, for merchants."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import Variant
from catalog.selectors import variant_label
from markets.admin.price_words import (
    describe_origin,
    describe_reason,
    describe_row,
    write_amount,
)
from markets.admin.promotion_reasons import describe_coupon, describe_promotion
from markets.lowest_price import Reduction
from markets.models import CustomerGroup, Market
from markets.pricing import PriceAnswer, list_reductions, quote_price
from markets.pricing.quoting import Verdict
from markets.pricing.reductions import find_lowest_price
from markets.pricing.rules import trace_origin
from markets.promotions.terms import BasketDiscounts, PromotionTried
from markets.promotions.terms import Verdict as PromotionVerdict

# What ended or begins within so many days is in the trace; and the usual span of the law.
DAYS = 30
_NOON = time(12)


class PreviewForm(forms.Form):
    sku = forms.CharField(label=_("SKU"), max_length=64, widget=UnfoldAdminTextInputWidget)
    market = forms.ModelChoiceField(
        Market.objects.all(), label=_("market"), widget=UnfoldAdminSelectWidget
    )
    quantity = forms.IntegerField(
        label=_("quantity"), min_value=1, initial=1, required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    groups = forms.ModelMultipleChoiceField(
        CustomerGroup.objects.all(), label=_("customer groups"), required=False,
        widget=UnfoldAdminSelectMultipleWidget, help_text=_("None is everybody."),
    )  # fmt: skip
    coupon = forms.CharField(
        label=_("coupon"), max_length=64, required=False, widget=UnfoldAdminTextInputWidget
    )
    day = forms.DateField(
        label=_("day"), required=False, widget=UnfoldAdminSingleDateWidget,
        help_text=_("Empty is now."),
    )  # fmt: skip
    clock = forms.TimeField(
        label=_("time"), required=False, widget=UnfoldAdminSingleTimeWidget,
        help_text=_("In the market's time zone; empty is noon."),
    )  # fmt: skip

    def clean_sku(self) -> Variant:
        sku = self.cleaned_data["sku"].strip()
        variants = Variant.objects.select_related("product").prefetch_related("options__value")
        variant: Variant | None = variants.filter(sku=sku).first()
        if variant is None:
            raise ValidationError(_("No variant has the SKU “%(sku)s”."), params={"sku": sku})
        return variant


@dataclass(frozen=True)
class Line:
    """A price that was tried, in a merchant's words."""

    row_id: int
    price: str
    amount: str
    valid_from: datetime
    valid_to: datetime | None
    won: bool
    reason: str


@dataclass(frozen=True)
class PromotionLine:
    """A promotion that was tried, in a merchant's words; the amount is empty where there is none.

    `amount` is what it takes off all units, or would have taken.
    """

    promotion_id: int
    name: str
    amount: str
    won: bool
    reason: str


@dataclass(frozen=True)
class Preview:
    variant: Variant
    label: str
    market: Market
    moment: datetime
    answer: PriceAnswer
    amount: str
    lines: tuple[Line, ...]
    origin: tuple[tuple[str, str], ...]
    held_back: bool
    tiers: tuple[tuple[int, str], ...]
    lowest: str
    days: int
    reduction: Reduction | None
    prior: str
    promotions: tuple[PromotionLine, ...]
    coupon: str
    discount: str
    total: str


def preview_price(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("markets.view_price"):
        raise PermissionDenied
    asked = request.GET.copy()
    if product := asked.get("product", ""):
        asked.setdefault("sku", _first_sku(product))
    form = PreviewForm(asked) if "market" in asked else PreviewForm(initial=asked.dict())
    found = _preview(form.cleaned_data) if form.is_bound and form.is_valid() else None
    context = {
        **admin.site.each_context(request),
        "title": _("Price as a shopper sees it"),
        "form": form,
        "preview": found,
    }
    return render(request, "admin/markets/price_preview.html", context)


def _preview(data: dict[str, Any]) -> Preview:
    variant, market, groups = data["sku"], data["market"], data["groups"]
    group_ids = [group.pk for group in groups]
    moment = _moment(data, market)
    answer = quote_price(
        variant.pk,
        market,
        moment=moment,
        quantity=data["quantity"] or 1,
        group_ids=group_ids,
        coupon=data["coupon"],
        around=timedelta(days=DAYS),
    )
    discounts = answer.discounts or BasketDiscounts()
    origin = trace_origin(answer.price) if answer.price else None
    days = market.lowest_price_days or DAYS
    lowest = find_lowest_price(answer, market, days=days, group_ids=group_ids)
    reduction = list_reductions([answer], market, group_ids=group_ids)[0]

    def written(amount: Decimal | None) -> str:
        return "" if amount is None else write_amount(amount, market.currency)

    return Preview(
        variant=variant,
        label=variant_label(variant),
        market=market,
        moment=moment.astimezone(market.zone),
        answer=answer,
        amount=written(answer.amount),
        lines=tuple(
            Line(
                row_id=tried.row_id,
                price=describe_row(tried),
                amount=written(tried.amount),
                valid_from=tried.row.valid_from,
                valid_to=tried.row.valid_to,
                won=tried.verdict is Verdict.WON,
                reason=describe_reason(tried, answer),
            )
            for tried in answer.trace
        ),
        origin=tuple(describe_origin(origin, market)) if origin else (),
        held_back=origin is not None and origin.result != answer.amount,
        tiers=tuple((quantity, written(amount)) for quantity, amount in answer.tiers),
        lowest=written(lowest),
        days=days,
        reduction=reduction,
        prior=written(reduction.prior) if reduction else "",
        promotions=tuple(_promotion(tried, market) for tried in discounts.tried),
        coupon=describe_coupon(discounts.coupon, market.currency) if discounts.coupon else "",
        discount=written(discounts.total) if discounts.total else "",
        total=""
        if answer.amount is None
        else written(answer.amount * answer.quantity - discounts.total),
    )


def _promotion(tried: PromotionTried, market: Market) -> PromotionLine:
    return PromotionLine(
        promotion_id=tried.promotion_id,
        name=tried.name,
        amount=write_amount(tried.amount, market.currency) if tried.amount else "",
        won=tried.verdict is PromotionVerdict.WON,
        reason=describe_promotion(tried, market.currency),
    )


def _moment(data: dict[str, Any], market: Market) -> datetime:
    if data["day"] is None:
        return timezone.now()
    return datetime.combine(data["day"], data["clock"] or _NOON, market.zone)


def _first_sku(product: str) -> str:
    variants = Variant.objects.filter(product_id=int(product)) if product.isdigit() else ()
    return next((variant.sku for variant in variants), "")
