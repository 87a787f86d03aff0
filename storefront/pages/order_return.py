from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from fulfillment.errors import NothingToReturn, TooManyReturned
from fulfillment.models import Return, ReturnLine
from fulfillment.returns.quantities import ReturnableLine, returnable_lines
from fulfillment.returns.requesting import request_return
from orders.models import Order
from payments.methods import day_in
from storefront.pages.caching import private_page
from storefront.pages.order import get_order
from storefront.pages.order_view import picture_of_line
from storefront.pages.pictures import Picture
from storefront.pages.requests import ShopRequest, now
from storefront.pages.return_window import last_day_to_return
from storefront.shops import shop_of_order

MAX_NOTE = 1000


@dataclass(frozen=True)
class ReturnRow:
    line_id: int
    title: str
    options: str
    picture: Picture | None
    quantities: range
    quantity: int
    reason: str


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
@csrf_protect
def request_goods_return(request: ShopRequest, token: str) -> HttpResponse:
    order = get_order(token)
    if order.market_id != request.shop.market.pk:
        return redirect(shop_of_order(order).url("shop:order-return", token))
    last_day = last_day_to_return(order)
    if last_day is not None and last_day < day_in(order.market, now=now()):
        return _show_closed(request, order, last_day)
    rows = [row for row in returnable_lines(order) if row.returnable > 0]
    if request.method != "POST":
        return _show(request, order, rows)
    wanted = [
        (row.line.pk, _quantity(request, row), _reason(request, row))
        for row in rows
        if _quantity(request, row)
    ]
    if not wanted:
        return _show(request, order, rows, error=_("Choose what you want to send back."))
    note = request.POST.get("note", "").strip()[:MAX_NOTE]
    try:
        made = request_return(order, wanted, note=note, now=now())
    except (NothingToReturn, TooManyReturned):
        rows = [row for row in returnable_lines(order) if row.returnable > 0]
        error = _("Some of it is on its way back already. Please look again.")
        return _show(request, order, rows, error=error)
    return redirect("shop:return", made.token)


@require_safe
@private_page
def goods_return(request: ShopRequest, token: str) -> HttpResponse:
    found = get_object_or_404(
        Return.objects.select_related("order__market", "warehouse", "refund").prefetch_related(
            "lines__order_line"
        ),
        token=token,
    )
    if found.order.market_id != request.shop.market.pk:
        return redirect(shop_of_order(found.order).url("shop:return", token))
    return render(
        request,
        "pages/return.html",
        {
            "return": found,
            "order": found.order,
            "lines": [
                (line.quantity, line.order_line.title, line.order_line.options)
                for line in found.lines.all()
            ],
            "refund": found.refund.amount if found.refund else None,
            "noindex": True,
        },
    )


def _show_closed(request: ShopRequest, order: Order, last_day: date) -> HttpResponse:
    context = {"order": order, "last_day": last_day, "noindex": True}
    refused = request.method == "POST"
    return render(request, "pages/order_return.html", context, status=422 if refused else 200)


def _show(
    request: ShopRequest, order: Order, rows: list[ReturnableLine], *, error: str = ""
) -> HttpResponse:
    shown = [
        ReturnRow(
            line_id=row.line.pk,
            title=row.line.title,
            options=row.line.options,
            picture=picture_of_line(row.line),
            quantities=range(1, row.returnable + 1),
            quantity=_quantity(request, row),
            reason=_reason(request, row),
        )
        for row in rows
    ]
    reasons: list[tuple[str, str | Promise]] = [
        (str(value), label) for value, label in ReturnLine.Reason.choices
    ]
    return render(
        request,
        "pages/order_return.html",
        {
            "order": order,
            "rows": shown,
            "reasons": reasons,
            "note": request.POST.get("note", ""),
            "error": error,
            "noindex": True,
        },
        status=422 if error else 200,
    )


def _quantity(request: HttpRequest, row: ReturnableLine) -> int:
    typed = request.POST.get(f"quantity-{row.line.pk}", "")
    return min(int(typed), row.returnable) if typed.isascii() and typed.isdigit() else 0


def _reason(request: HttpRequest, row: ReturnableLine) -> str:
    typed = request.POST.get(f"reason-{row.line.pk}", "")
    return typed if typed in ReturnLine.Reason.values else ""
