from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fulfillment.errors import (
    NotGraded,
    NothingReceived,
    NothingToRefund,
    TakesNoReturns,
    TooManyReceived,
)
from fulfillment.models import Return, Warehouse
from fulfillment.returns import (
    approve_return,
    close_return,
    inspect_return,
    receive_return,
    refund_return,
    reject_return,
)
from orders.errors import StaleTransition
from payments.errors import PaymentError
from payments.models import Refund
from storefront.staff.access import console_view, rights_of, show
from storefront.staff.desk import RETURN_STATES, return_tabs
from storefront.staff.return_page import (
    find_return,
    list_return_rows,
    load_return_page,
    refund_text,
    state_of,
)


@require_GET
@console_view()
def returns(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in RETURN_STATES else "requested"
    context = {
        "return_tabs": return_tabs(state),
        "heading": RETURN_STATES[state][0],
        "rows": list_return_rows(state),
        "state": state,
    }
    return show(request, "staff/returns.html", context)


@require_GET
@console_view()
def goods_return(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    state = state_of(found)
    context = {
        "page": load_return_page(found, rights_of(request.user)),
        "return_tabs": return_tabs(state),
        "rows": list_return_rows(state, current=number, limit=24),
    }
    return show(request, "staff/return.html", context)


@require_POST
@console_view("handles_returns")
def approve(request: HttpRequest, number: str) -> HttpResponse:
    return _decide(
        request,
        number,
        act=lambda found: approve_return(found.pk, now=timezone.now()),
        done=_("%(number)s is approved. The shopper may send the goods.") % {"number": number},
    )


@require_POST
@console_view("handles_returns")
def reject(request: HttpRequest, number: str) -> HttpResponse:
    return _decide(
        request,
        number,
        act=lambda found: reject_return(found.pk, now=timezone.now()),
        done=_("%(number)s is rejected.") % {"number": number},
    )


@require_POST
@console_view("handles_returns")
def receive(request: HttpRequest, number: str) -> HttpResponse:
    def act(found: Return) -> None:
        warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
        if warehouse is None:
            raise TakesNoReturns("no warehouse named")
        units = {
            line.pk: _whole(request.POST.get(f"received-{line.pk}", ""))
            for line in found.lines.all()
        }
        receive_return(found.pk, warehouse=warehouse, received=units, now=timezone.now())

    return _decide(
        request,
        number,
        act=act,
        done=_("%(number)s is received. Grade it now.") % {"number": number},
    )


@require_POST
@console_view("handles_returns")
def inspect(request: HttpRequest, number: str) -> HttpResponse:
    def act(found: Return) -> None:
        grades = {line.pk: request.POST.get(f"grade-{line.pk}", "") for line in found.lines.all()}
        inspect_return(found.pk, grades=grades, now=timezone.now(), user=request.user)

    return _decide(
        request, number, act=act, done=_("%(number)s is inspected.") % {"number": number}
    )


@require_POST
@console_view("refunds")
def refund(request: HttpRequest, number: str) -> HttpResponse:
    found = _get(number)
    if found.refund is not None:
        _tell_stale(request, number)
        return redirect("staff:return", number)
    try:
        made = refund_return(found.pk, now=timezone.now())
    except StaleTransition:
        _tell_stale(request, number)
    except NothingToRefund:
        messages.error(
            request,
            _("Nothing was refunded: what was paid has gone back already, or was never taken."),
        )
    except PaymentError:
        messages.error(
            request,
            _("Nothing was refunded: the payment does not allow it. Tell the merchant."),
        )
    else:
        text = refund_text(made, rights_of(request.user))
        if made.status == Refund.Status.FAILED:
            messages.error(request, text)
        else:
            messages.success(request, text)
    return redirect("staff:return", number)


@require_POST
@console_view("refunds")
def close(request: HttpRequest, number: str) -> HttpResponse:
    return _decide(
        request,
        number,
        act=lambda found: close_return(found.pk),
        done=_("%(number)s is closed without a refund.") % {"number": number},
    )


def _decide(
    request: HttpRequest, number: str, *, act: Callable[[Return], object], done: str
) -> HttpResponseRedirect:
    """Do one step of a return, or say why it was not done and what to do."""
    found = _get(number)
    try:
        act(found)
    except StaleTransition:
        _tell_stale(request, number)
    except TakesNoReturns:
        messages.error(request, _("Choose the warehouse that received the goods."))
    except (TooManyReceived, ValueError):
        messages.error(request, _("Count again: no line can have more units than announced."))
    except NothingReceived:
        messages.error(request, _("Enter how many units arrived, or reject the return."))
    except NotGraded:
        messages.error(request, _("Grade every line that arrived, then finish the inspection."))
    else:
        messages.success(request, done)
    return redirect("staff:return", number)


def _whole(text: str) -> int:
    """Read a number of units; an empty field is none. Raises ValueError."""
    return int(text) if text.strip() else 0


def _get(number: str) -> Return:
    try:
        return find_return(number)
    except Return.DoesNotExist:
        raise Http404 from None


def _tell_stale(request: HttpRequest, number: str) -> None:
    now = Return.objects.get(number=number)
    messages.warning(
        request,
        _("Nothing changed: %(number)s is already in the state “%(state)s”.")
        % {"number": number, "state": now.get_status_display()},
    )
