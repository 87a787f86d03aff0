from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orders.carrier_charges import record_carrier_charges
from orders.errors import StaleTransition
from orders.models import Order
from payments.capturing import confirm_bank_transfer
from payments.errors import AmountMismatch, NothingToConfirm, NotRefundable
from payments.models import Payment, Refund
from payments.refunding import confirm_paid_back
from storefront.staff.access import console_view, rights_of, show
from storefront.staff.border import ChargeInvalid, read_charges
from storefront.staff.order_page import find_order, load_order_page
from storefront.staff.reviewing import cancel_held, release_held
from storefront.wording import money_text


@require_GET
@console_view("sees_orders")
def order(request: HttpRequest, number: str) -> HttpResponse:
    page = load_order_page(_get(number), rights_of(request.user), now=timezone.now())
    return show(request, "staff/order.html", {"page": page})


@require_POST
@console_view("reviews")
def release(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    try:
        release_held(found.pk, by=_who(request), now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    else:
        messages.success(
            request, _("%(number)s is released and will be planned now.") % {"number": number}
        )
    return _back(request)


@require_POST
@console_view("reviews")
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    try:
        cancel_held(found.pk, by=_who(request), now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    else:
        messages.success(
            request,
            _("%(number)s is cancelled. The shopper gets the money back.") % {"number": number},
        )
    return _back(request)


@require_POST
@console_view("books_money")
def confirm_transfer(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    payment = (
        Payment.objects.filter(order=found, method__gateway="bank_transfer").order_by("-id").first()
    )
    try:
        if payment is None:
            raise NothingToConfirm(found.number)
        was_paid = payment.status == Payment.Status.CAPTURED
        confirm_bank_transfer(found.pk, amount=payment.amount, now=timezone.now())
    except NothingToConfirm:
        messages.warning(
            request,
            _("Nothing changed: %(number)s waits for no transfer.") % {"number": number},
        )
    except AmountMismatch:
        messages.error(
            request,
            _("Nothing changed: the amount of %(number)s differs.") % {"number": number},
        )
    else:
        if was_paid:
            _tell_stale(request, number)
        else:
            messages.success(
                request,
                _("%(amount)s for %(number)s is booked.")
                % {"amount": money_text(payment.amount), "number": number},
            )
    return _back(request)


@require_POST
@console_view("books_money")
def carrier_charges(request: HttpRequest, number: str) -> HttpResponse:
    """Note what a carrier's invoice asks for the order's way through customs."""
    found = _get(number)
    try:
        reference, amounts = read_charges(request.POST)
    except ChargeInvalid:
        messages.error(
            request, _("Nothing was noted: it takes the invoice's number and an amount.")
        )
        return _back(request)
    rows = record_carrier_charges(
        found.pk, amounts, reference=reference, now=timezone.now(), user=request.user
    )
    if rows:
        messages.success(request, _("Invoice %(number)s is noted.") % {"number": reference})
    else:
        messages.warning(
            request,
            _("Nothing changed: invoice %(number)s is noted already.") % {"number": reference},
        )
    return _back(request)


@require_POST
@console_view("books_money")
def paid_back(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Book a refund that staff have paid out by hand."""
    try:
        refund = confirm_paid_back(refund_id, now=timezone.now())
    except Refund.DoesNotExist:
        raise Http404 from None
    except NotRefundable:
        messages.warning(request, _("Nothing changed: this refund does not wait for you."))
    else:
        messages.success(
            request, _("%(amount)s is booked as paid back.") % {"amount": money_text(refund.amount)}
        )
    return _back(request)


def _get(number: str) -> Order:
    try:
        return find_order(number)
    except Order.DoesNotExist:
        raise Http404 from None


def _who(request: HttpRequest) -> str:
    user = request.user
    return str(getattr(user, "get_full_name", str)() or getattr(user, "email", ""))


def _tell_stale(request: HttpRequest, number: str) -> None:
    now = Order.objects.get(number=number)
    messages.warning(
        request,
        _("Nothing changed: %(number)s is already in the state “%(state)s”, payment “%(payment)s”.")
        % {
            "number": number,
            "state": now.get_status_display(),
            "payment": now.get_payment_status_display(),
        },
    )


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Go back to the page that the button was on."""
    page = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return HttpResponseRedirect(page)
    return redirect(reverse("staff:queue"))
