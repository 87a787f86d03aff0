"""What the admin page of an order shows of each room, in words."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.admin import TabularInline

from fulfillment.models import Return, Shipment
from orders.models import (
    CarrierCharge,
    Order,
    OrderCharge,
    OrderDiscount,
    OrderLine,
    OrderTaxComponent,
)
from payments.models import Payment, Refund
from storefront.order_words import timeline_of
from storefront.regime_words import regime_words
from storefront.risk_words import risk_sentences
from storefront.routing_words import routing_history
from storefront.tax_names import tax_name
from storefront.wording import amount_text, country_text, money_text

_NET, _TAX, _GROSS = gettext_lazy("net"), gettext_lazy("tax"), gettext_lazy("gross")
NOTHING = "–"


class _ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False
    hide_title = True
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _AmountsInline(_ReadOnlyInline):
    """Rows whose amounts are in the currency of their order."""

    show_change_link = False

    @admin.display(description=_NET)
    def net_shown(self, row: Any) -> str:
        return _amount(row.net, row.order)

    @admin.display(description=_TAX)
    def tax_shown(self, row: Any) -> str:
        return _amount(row.tax, row.order)

    @admin.display(description=_GROSS)
    def gross_shown(self, row: Any) -> str:
        return _amount(row.gross, row.order)


class OrderLineInline(_AmountsInline):
    model = OrderLine
    fields = (
        "sku", "title", "options", "quantity", "each", "discount_shown", "net_shown", "tax_shown",
        "gross_shown",
    )  # fmt: skip

    @admin.display(description=gettext_lazy("unit price"))
    def each(self, line: OrderLine) -> str:
        return _amount(line.unit_price, line.order)

    @admin.display(description=gettext_lazy("discount"))
    def discount_shown(self, line: OrderLine) -> str:
        return _amount(-line.discount, line.order) if line.discount else NOTHING


class OrderChargeInline(_AmountsInline):
    model = OrderCharge
    fields = ("kind", "label", "net_shown", "tax_shown", "gross_shown")


class OrderTaxComponentInline(_AmountsInline):
    model = OrderTaxComponent
    fields = (
        "kind", "of_what", "parcel_shown", "taxed_at", "place_shown", "regime_shown", "net_shown",
        "tax_shown", "gross_shown", "made_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("line", "charge", "order")

    @admin.display(description=gettext_lazy("of"))
    def of_what(self, row: OrderTaxComponent) -> str:
        return row.line.sku if row.line else row.label or str(row.charge)

    @admin.display(description=gettext_lazy("parcel"))
    def parcel_shown(self, row: OrderTaxComponent) -> str:
        return NOTHING if row.parcel is None else str(row.parcel + 1)

    @admin.display(description=pgettext_lazy("tax", "rate"))
    def taxed_at(self, row: OrderTaxComponent) -> str:
        percent = f"{row.percent.normalize():f} %"
        return f"{tax_name(row.tax_name)} {percent}" if row.tax_name else percent

    @admin.display(description=gettext_lazy("taxed in"))
    def place_shown(self, row: OrderTaxComponent) -> str:
        country, _dash, region = row.jurisdiction.partition("-")
        place = country_text(country) if country else NOTHING
        return f"{place}, {region}" if region else place

    @admin.display(description=gettext_lazy("regime"))
    def regime_shown(self, row: OrderTaxComponent) -> str:
        return regime_words(row.regime) or NOTHING

    @admin.display(description=gettext_lazy("made by"))
    def made_by(self, row: OrderTaxComponent) -> str:
        return _row_link(row.row) if row.row else NOTHING


def _row_link(made_by: str) -> str:
    """Lead to the row of law that made a component; one that has no page is only named."""
    name, _colon, number = made_by.partition(":")
    model = apps.all_models["markets"].get(name)
    if model is None or not number.isdecimal() or not admin.site.is_registered(model):
        return made_by
    address = reverse(f"admin:markets_{name}_change", args=[number])
    words = f"{capfirst(model._meta.verbose_name)} {number}"
    return format_html(
        '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, words
    )


class CarrierChargeInline(_ReadOnlyInline):
    model = CarrierCharge
    show_change_link = False
    fields = ("reference", "kind", "estimated_shown", "charged_shown", "entered_by", "entered_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("order", "entered_by")

    @admin.display(description=gettext_lazy("estimated"))
    def estimated_shown(self, row: CarrierCharge) -> str:
        return _amount(row.estimated, row.order)

    @admin.display(description=gettext_lazy("charged"))
    def charged_shown(self, row: CarrierCharge) -> str:
        return _amount(row.amount, row.order)


class OrderDiscountInline(_ReadOnlyInline):
    model = OrderDiscount
    show_change_link = False
    fields = ("label", "coupon_code", "taken_off", "promotion_version", "amount_shown")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("line", "promotion_version", "order")

    @admin.display(description=gettext_lazy("off"))
    def taken_off(self, row: OrderDiscount) -> str:
        return row.line.sku if row.line else _("Delivery")

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: OrderDiscount) -> str:
        return _amount(-row.amount, row.order)


class PaymentInline(_ReadOnlyInline):
    model = Payment
    fields = ("method", "status", "amount_shown", "captured_shown", "refunds_shown", "failure")

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, payment: Payment) -> str:
        return money_text(payment.amount)

    @admin.display(description=gettext_lazy("captured"))
    def captured_shown(self, payment: Payment) -> str:
        return amount_text(payment.captured, payment.amount.currency.code)

    @admin.display(description=gettext_lazy("refunds"))
    def refunds_shown(self, payment: Payment) -> str:
        return _lines(_refund(refund) for refund in payment.refunds.order_by("id")) or NOTHING


class ShipmentInline(_ReadOnlyInline):
    model = Shipment
    fields = ("number", "warehouse", "service", "status", "tracking_number", "promised_to")


class ReturnInline(_ReadOnlyInline):
    model = Return
    fields = ("number", "status", "requested_at", "received_at")


INLINES: Sequence[type[TabularInline]] = (
    OrderLineInline, OrderChargeInline, OrderDiscountInline, OrderTaxComponentInline,
    CarrierChargeInline, PaymentInline, ShipmentInline, ReturnInline,
)  # fmt: skip


class OrderWords:
    """The columns of an order's page that no field of the order holds."""

    shown: ClassVar = ("risk_shown", "routing_shown", "events_shown")

    @admin.display(description=gettext_lazy("total"), ordering="gross")
    def total_shown(self, order: Order) -> str:
        return money_text(order.total)

    @admin.display(description=_NET)
    def net_shown(self, order: Order) -> str:
        return _amount(order.net, order)

    @admin.display(description=_TAX)
    def tax_shown(self, order: Order) -> str:
        return _amount(order.tax, order)

    @admin.display(description=gettext_lazy("risk"))
    def risk_shown(self, order: Order) -> str:
        risk = getattr(order, "risk", None)
        if risk is None:
            return NOTHING
        reasons = (f"{words} (+{points})" for words, points in risk_sentences(risk.reasons))
        verdict = _("Risk %(score)s of 100") % {"score": risk.score}
        return _lines([f"{verdict}: {risk.get_decision_display()}", *reasons])

    @admin.display(description=gettext_lazy("plan"))
    def routing_shown(self, order: Order) -> str:
        words, former = routing_history(order, shows_costs=True, zone=order.market.zone)
        if words is None:
            return NOTHING
        lines = [words.sentence, " · ".join(f"{label} {cost}" for label, cost in words.terms)]
        for parcel in words.parcels:
            units = ", ".join(f"{count} × {sku}" for sku, count in parcel.units)
            lines.append(
                f"{parcel.warehouse} · {parcel.service} · {parcel.weight} · {parcel.cost} · {units}"
            )
        if words.rejected:
            lines += ["", _("Turned down")]
        for plan in words.rejected:
            facts = (plan.plan, plan.parcels, plan.cost, plan.reason)
            lines.append(" · ".join(fact for fact in facts if fact))
        if former:
            lines += ["", _("Decisions before")]
        for before in former:
            decided = before.decided
            told = [decided.moment, decided.cause, decided.note, decided.who, before.sentence]
            lines.append(" · ".join(filter(None, told)))
        return _lines(lines)

    @admin.display(description=gettext_lazy("events"))
    def events_shown(self, order: Order) -> str:
        zone = order.market.zone
        return format_html(
            "<table><tbody>{}</tbody></table>",
            format_html_join(
                "",
                '<tr><td class="py-1 align-top whitespace-nowrap"'
                ' style="padding-inline-end: 1.5rem"><time datetime="{}">{}</time></td>'
                '<td class="py-1">{}</td></tr>',
                (
                    (event.iso, event.moment, event.text)
                    for event in timeline_of(order, zone=zone, shows_amounts=True)
                ),
            ),
        )


def address_shown(lines: Iterable[str]) -> SafeString:
    return _lines(lines)


def _amount(value: Decimal, order: Order) -> str:
    return amount_text(value, order.currency)


def _refund(refund: Refund) -> str:
    return f"{money_text(refund.amount)} · {refund.get_status_display()}"


def _lines(lines: Iterable[str]) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))
