from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fulfillment.carriers.finding import label_number
from fulfillment.errors import NotPaid
from fulfillment.models import Shipment
from fulfillment.shipping import (
    dispatch_shipment,
    mark_delivered,
    pack_shipment,
    start_picking,
)
from orders.errors import StaleTransition
from payments.errors import AmountMismatch, GatewayUnavailable, PaymentError
from payments.models import Payment
from storefront.staff.access import console_view, rights_of, show
from storefront.staff.finding import find_number
from storefront.staff.labelling import ask_for_label
from storefront.staff.picking import pick_one, toggle_line, units_picked
from storefront.staff.queue import GONE, load_queue, place_from
from storefront.staff.shipment_page import find_shipment, load_shipment_page
from storefront.wording import money_text

RAIL_LENGTH = 24


@require_GET
@console_view()
def shipment(request: HttpRequest, number: str) -> HttpResponse:
    now = timezone.now()
    context = {
        "page": load_shipment_page(_get(number), rights_of(request.user), now=now),
        "queue": load_queue(place_from(request.GET), now=now, limit=RAIL_LENGTH, current=number),
    }
    return show(request, "staff/shipment.html", context)


@require_POST
@console_view("ships")
def start(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    try:
        start_picking(found.pk)
    except StaleTransition:
        _tell_stale(request, number)
    return _back(request, number)


@require_POST
@console_view("ships")
def scan(request: HttpRequest, number: str) -> HttpResponse:
    """Tick a unit by its SKU or barcode; any other number of ours leads to its page."""
    found = _get(number)
    code = request.POST.get("code", "").strip()
    lines = [
        line
        for line in found.lines.all()
        if code
        and (
            line.order_line.sku.casefold() == code.casefold()
            or line.order_line.variant.barcode == code
        )
    ]
    if not lines:
        elsewhere = find_number(code)
        if elsewhere:
            return redirect(elsewhere)
        messages.error(
            request, _("“%(code)s” is not in this parcel. Put it back.") % {"code": code}
        )
        return _back(request, number)
    if found.status not in (Shipment.Status.PLANNED, Shipment.Status.PICKING):
        _tell_stale(request, number)
        return _back(request, number)
    line = pick_one(lines)
    sku = lines[0].order_line.sku
    if line is None:
        messages.error(
            request, _("%(sku)s is complete already. This one is too many.") % {"sku": sku}
        )
    else:
        picked = units_picked([line])[line.pk]
        messages.success(
            request,
            _("%(sku)s: %(picked)s of %(quantity)s picked.")
            % {"sku": sku, "picked": picked, "quantity": line.quantity},
        )
    return _back(request, number)


@require_POST
@console_view("ships")
def tick(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    line = next(
        (line for line in found.lines.all() if str(line.pk) == request.POST.get("line")), None
    )
    if line is None or found.status not in (Shipment.Status.PLANNED, Shipment.Status.PICKING):
        _tell_stale(request, number)
    else:
        toggle_line(line)
    return _back(request, number)


@require_POST
@console_view("ships")
def pack(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    try:
        pack_shipment(found.pk, now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    else:
        messages.success(request, _("%(number)s is packed.") % {"number": number})
        ask_for_label(request, found)
    return _back(request, number)


@require_POST
@console_view("ships")
def dispatch(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    tracking_number = "".join(request.POST.get("tracking_number", "").split())
    if found.status in GONE:
        _tell_stale(request, number)
    elif not tracking_number and not label_number(found.pk):
        messages.error(request, _("Scan the tracking number on the label first."))
    elif len(tracking_number) > 80:
        messages.error(request, _("That is too long for a tracking number. Scan it again."))
    elif tracking_number and (twin := _with_tracking(tracking_number, found)) is not None:
        messages.error(
            request,
            _("%(tracking)s is on parcel %(number)s already. Scan the label of this one.")
            % {"tracking": tracking_number, "number": twin},
        )
    else:
        _dispatch(request, found, tracking_number=tracking_number, now=timezone.now())
    return _back(request, number)


def _dispatch(
    request: HttpRequest, found: Shipment, *, tracking_number: str, now: datetime
) -> None:
    """Hand the parcel over, or say plainly why not and what to do; never half of it."""
    try:
        dispatch_shipment(found.pk, tracking_number=tracking_number, user=request.user, now=now)
    except StaleTransition:
        _tell_stale(request, found.number)
    except GatewayUnavailable:
        messages.error(
            request,
            _(
                "Not dispatched: the payment gateway did not answer. Keep the parcel and press "
                "Dispatch again in a minute. The money is never taken twice."
            ),
        )
    except AmountMismatch:
        messages.error(
            request,
            _(
                "Not dispatched: the gateway took another amount than the order's. Keep the "
                "parcel and call the merchant."
            ),
        )
    except (NotPaid, PaymentError):
        messages.error(
            request,
            _(
                "Not dispatched: the money could not be taken, the bank's hold has ended or was "
                "refused. Keep the parcel and tell the merchant, who asks the shopper to pay again."
            ),
        )
    else:
        messages.success(request, _outcome(request, found))


def _outcome(request: HttpRequest, found: Shipment) -> str:
    payment = (
        Payment.objects.filter(order=found.order_id, status=Payment.Status.CAPTURED)
        .select_related("method")
        .first()
    )
    if payment is None:
        return _("Dispatched. The carrier collects the money at the door.")
    if not rights_of(request.user).sees_prices:
        return _("Dispatched. The order is paid.")
    return _("Dispatched. %(amount)s taken with %(method)s.") % {
        "amount": money_text(payment.amount),
        "method": payment.method.name,
    }


@require_POST
@console_view("ships")
def deliver(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    if found.status == Shipment.Status.DELIVERED:
        _tell_stale(request, number)
        return _back(request, number)
    try:
        mark_delivered(found.pk, now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    except PaymentError:
        messages.error(
            request,
            _("Delivered, but the cash could not be booked. Tell the merchant."),
        )
    else:
        messages.success(request, _("%(number)s is delivered.") % {"number": number})
    return _back(request, number)


def _get(number: str) -> Shipment:
    try:
        return find_shipment(number)
    except Shipment.DoesNotExist:
        raise Http404 from None


def _with_tracking(tracking_number: str, found: Shipment) -> str | None:
    return (
        Shipment.objects.filter(
            tracking_number__iexact=tracking_number, service__carrier=found.service.carrier
        )
        .exclude(pk=found.pk)
        .values_list("number", flat=True)
        .first()
    )


def _tell_stale(request: HttpRequest, number: str) -> None:
    """Answer a click that came too late with where the shipment stands now."""
    now = Shipment.objects.get(number=number)
    messages.warning(
        request,
        _("Nothing changed: %(number)s is already in the state “%(state)s”.")
        % {"number": number, "state": now.get_status_display()},
    )


def _back(request: HttpRequest, number: str) -> HttpResponseRedirect:
    query = place_from(request.GET).query()
    return HttpResponseRedirect(f"{reverse('staff:shipment', args=[number])}?{query}")
