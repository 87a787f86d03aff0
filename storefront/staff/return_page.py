"""All that the page of one return shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from djmoney.money import Money

from catalog.selectors import variant_label
from fulfillment.models import Return, ReturnLine, Warehouse
from fulfillment.returns import refund_due
from fulfillment.returns.inspecting import DISPOSITIONS
from fulfillment.selectors import list_hubs
from payments.models import Refund
from storefront.order_words import Happening, timeline_of
from storefront.staff.access import Rights
from storefront.staff.desk import RETURN_STATES
from storefront.staff.pictures import picture_url
from storefront.wording import full_moment_text, money_text

R = Return.Status
G, D = ReturnLine.Grade, ReturnLine.Disposition
LIMIT = 200
_NEXT: dict[str, str | Promise] = {
    D.RESTOCK: gettext_lazy("back on the shelf"),
    D.OPEN_BOX: gettext_lazy("sell as open box"),
    D.REFURBISH: gettext_lazy("refurbish"),
    D.RECYCLE: gettext_lazy("recycle"),
}


@dataclass(frozen=True)
class GradeChoice:
    value: str
    key: str
    label: str
    next: str


@dataclass(frozen=True)
class ReturnedLine:
    line_id: int
    sku: str
    title: str
    options: str
    picture: str
    reason: str
    quantity: int
    received: int
    grade: str
    next: str


@dataclass(frozen=True)
class ReturnRow:
    number: str
    url: str
    order_number: str
    status: str
    status_label: str
    requested: str
    units: int
    warehouse: str
    is_current: bool


@dataclass(frozen=True)
class ReturnPage:
    goods_return: Return
    lines: Sequence[ReturnedLine]
    grades: Sequence[GradeChoice]
    hubs: Sequence[Warehouse]
    requested: str
    refund_amount: str
    refund_method: str
    delivery: str
    refund: Refund | None
    refund_text: str
    timeline: Sequence[Happening]

    @property
    def can_receive(self) -> bool:
        return self.goods_return.status in (R.REQUESTED, R.APPROVED, R.IN_TRANSIT)


def state_of(goods_return: Return) -> str:
    """Give the tab under which a return is listed."""
    return next(
        state
        for state, (_label, statuses) in RETURN_STATES.items()
        if goods_return.status in statuses
    )


def list_return_rows(state: str, *, current: str = "", limit: int = LIMIT) -> list[ReturnRow]:
    """List a tab's returns, the longest waiting first (done: the latest first); one query."""
    returns = (
        Return.objects.filter(status__in=RETURN_STATES[state][1])
        .select_related("order__market", "warehouse")
        .annotate(units=Sum("lines__quantity"))
        .order_by(*(["-changed_at", "-id"] if state == "done" else ["requested_at", "id"]))
    )
    return [
        ReturnRow(
            number=row.number,
            url=reverse("staff:return", args=[row.number]),
            order_number=row.order.number,
            status=row.status,
            status_label=row.get_status_display(),
            requested=full_moment_text(row.requested_at, row.order.market.zone),
            units=row.units,
            warehouse=row.warehouse.name if row.warehouse else "",
            is_current=row.number == current,
        )
        for row in returns[:limit]
    ]


def find_return(number: str) -> Return:
    """Get a return with its lines and what they name; raise Return.DoesNotExist."""
    lines = (
        ReturnLine.objects.select_related("order_line__variant__product")
        .prefetch_related(
            "order_line__variant__options__value", "order_line__variant__product__media"
        )
        .order_by("id")
    )
    return (
        Return.objects.select_related("order__market", "warehouse", "refund")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .get(number=number)
    )


def load_return_page(goods_return: Return, rights: Rights) -> ReturnPage:
    due = refund_due(goods_return) if goods_return.status == R.INSPECTED else None
    shows_due = due is not None and (rights.sees_prices or rights.refunds)
    return ReturnPage(
        goods_return=goods_return,
        lines=[_line(line) for line in goods_return.lines.all()],
        grades=grade_choices(),
        hubs=list(list_hubs()),
        requested=full_moment_text(goods_return.requested_at, goods_return.order.market.zone),
        refund_amount=money_text(due[1]) if due and shows_due else "",
        refund_method=due[0].method.name if due else "",
        delivery=_delivery(goods_return) if shows_due else "",
        refund=goods_return.refund,
        refund_text=refund_text(goods_return.refund, rights) if goods_return.refund else "",
        timeline=timeline_of(
            goods_return.order,
            zone=goods_return.order.market.zone,
            shows_amounts=rights.sees_prices,
        ),
    )


def _delivery(goods_return: Return) -> str:
    amount = Money(goods_return.delivery, goods_return.order.currency)
    return money_text(amount) if goods_return.delivery else ""


def grade_choices() -> list[GradeChoice]:
    return [
        GradeChoice(grade.value, str(key), str(grade.label), str(_NEXT[DISPOSITIONS[grade]]))
        for key, grade in enumerate(G, start=1)
    ]


def refund_text(refund: Refund, rights: Rights) -> str:
    """Say where a refund stands."""
    texts: Mapping[str, str] = {
        Refund.Status.CREATED: _("The payment gateway has not answered yet. It is asked again."),
        Refund.Status.PENDING: _("On its way back to the shopper."),
        Refund.Status.SUCCEEDED: _("Paid back."),
        Refund.Status.FAILED: _("The refund failed. Pay it back by hand."),
    }
    text = texts[refund.status]
    if refund.status == Refund.Status.PENDING and not refund.gateway_refund:
        text = _("Waits until someone has paid it back by hand.")
    return f"{money_text(refund.amount)}: {text}" if rights.sees_prices else text


def _line(line: ReturnLine) -> ReturnedLine:
    variant = line.order_line.variant
    return ReturnedLine(
        line_id=line.pk,
        sku=line.order_line.sku,
        title=variant.product.title,
        options=variant_label(variant),
        picture=picture_url(variant),
        reason=line.get_reason_display() if line.reason else "",
        quantity=line.quantity,
        received=line.received,
        grade=line.get_grade_display() if line.grade else "",
        next=str(_NEXT.get(line.disposition, "")),
    )
