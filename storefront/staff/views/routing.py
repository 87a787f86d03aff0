"""What staff decide about where goods come from: short picks, other ways, lost parcels."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fulfillment.errors import NoRoute, NothingMissing, NothingToRefund
from fulfillment.lost_parcels import refund_lost
from fulfillment.models import Shipment
from fulfillment.reasons import describe_reason
from fulfillment.routes import ShortPick, override_route, resend_shipment, short_pick
from orders.errors import StaleTransition
from orders.models import Order
from payments.errors import GatewayUnavailable, PaymentError
from payments.models import Refund
from storefront.routing_words import place_names
from storefront.staff.access import console_view
from storefront.staff.queue import place_from
from storefront.staff.shipment_page import find_shipment
from storefront.wording import money_text


@require_POST
@console_view("ships")
def report_short(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    reason = " ".join(request.POST.get("reason", "").split())[:150]
    units = _units(request.POST, found)
    if not reason or units is None:
        messages.error(
            request, _("Nothing was booked: say how many units there are of each, and a note.")
        )
        return _back(request, number)
    try:
        done = short_pick(
            found.pk,
            units,
            reason=reason,
            is_damaged=request.POST.get("kind") == "damaged",
            user=request.user,
            now=timezone.now(),
        )
    except NothingMissing:
        messages.warning(request, _("Nothing changed: every unit was found."))
    except StaleTransition:
        _tell_stale(request, number)
    else:
        _tell_short(request, done)
    return _back(request, number)


@require_POST
@console_view("ships")
def resend(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    reason = " ".join(request.POST.get("reason", "").split())[:150]
    if not reason:
        messages.error(request, _("Nothing changed: say what happened."))
        return _back(request, number)
    try:
        decision = resend_shipment(found.pk, reason=reason, user=request.user, now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    else:
        if decision.plan.get("waiting"):
            messages.warning(
                request,
                _("Noted. Not all of it is in stock: what lacks is planned when it comes in."),
            )
        else:
            messages.success(request, _("It is planned again; see the order's other parcels."))
    return _back(request, number)


@require_POST
@console_view("refunds")
def pay_back(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    try:
        refund = refund_lost(found.pk, now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    except (NothingToRefund, PaymentError, GatewayUnavailable):
        messages.error(request, _("Nothing was paid back: the payment takes no refund now."))
    else:
        amount = money_text(refund.amount)
        if refund.status == Refund.Status.FAILED:
            messages.error(request, _("%(amount)s could not be paid back.") % {"amount": amount})
        else:
            messages.success(request, _("%(amount)s goes back.") % {"amount": amount})
    return _back(request, number)


@require_POST
@console_view("ships")
def override(request: HttpRequest, number: str) -> HttpResponse:
    try:
        order = Order.objects.get(number=number)
    except Order.DoesNotExist:
        raise Http404 from None
    reason = " ".join(request.POST.get("reason", "").split())[:200]
    choice = _choice(request.POST, order)
    if not reason or not choice:
        messages.error(request, _("Nothing changed: choose a way, and say why."))
        return redirect("staff:order", number)
    try:
        override_route(order.pk, choice, reason=reason, user=request.user, now=timezone.now())
    except NoRoute as error:
        names = place_names()
        why = "; ".join(
            f"{names.get(code, code)}: {describe_reason(reason)}"
            for code, reason in sorted(error.reasons.items())
        )
        messages.error(request, _("Nothing changed: it cannot go this way. %(why)s") % {"why": why})
    except StaleTransition:
        messages.warning(request, _("Nothing changed: it is being picked or has left already."))
    else:
        messages.success(request, _("It goes the way you chose."))
    return redirect("staff:order", number)


def _units(form: QueryDict, shipment: Shipment) -> Mapping[int, int] | None:
    """Read how many units of each line were found; None if that is not to be read."""
    units = {}
    for line in shipment.lines.all():
        typed = form.get(f"found-{line.pk}", "").strip()
        if not (typed.isascii() and typed.isdigit()) or int(typed) > line.quantity:
            return None
        units[line.pk] = int(typed)
    return units


def _choice(form: QueryDict, order: Order) -> dict[int, tuple[str, str]]:
    """Read the ways chosen: for everything, or line by line."""
    choice = {}
    for line_id in order.lines.values_list("pk", flat=True):
        typed = form.get("lane") or form.get(f"lane-{line_id}") or ""
        warehouse, _slash, service = typed.partition("/")
        if warehouse and service:
            choice[line_id] = (warehouse, service)
    return choice


def _tell_short(request: HttpRequest, done: ShortPick) -> None:
    if done.replaced and not done.waiting and done.decision is None:
        messages.success(request, _("Booked as damaged. Take others from the same shelf."))
        return
    if done.waiting:
        lacking = ", ".join(f"{units} × {sku}" for sku, units in done.waiting.items())
        messages.warning(
            request,
            _("Booked. Nobody has %(lacking)s: it waits and is planned when stock comes in.")
            % {"lacking": lacking},
        )
    else:
        messages.success(request, _("Booked. The rest is sent from elsewhere."))


def _get(number: str) -> Shipment:
    try:
        return find_shipment(number)
    except Shipment.DoesNotExist:
        raise Http404 from None


def _tell_stale(request: HttpRequest, number: str) -> None:
    now = Shipment.objects.get(number=number)
    messages.warning(
        request,
        _("Nothing changed: %(number)s is already in the state “%(state)s”.")
        % {"number": number, "state": now.get_status_display()},
    )


def _back(request: HttpRequest, number: str) -> HttpResponseRedirect:
    page = reverse("staff:shipment", args=[number])
    return HttpResponseRedirect(f"{page}?{place_from(request.GET).query()}")
