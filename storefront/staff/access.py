"""Who may see and do what at the console."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True)
class Rights:
    """What a member of staff may do; packers ship and see no prices."""

    ships: bool
    handles_returns: bool
    sees_orders: bool
    sees_prices: bool
    reviews: bool
    books_money: bool
    refunds: bool


def rights_of(user: AbstractUser | AnonymousUser) -> Rights:
    return Rights(
        ships=user.has_perm("fulfillment.change_shipment"),
        handles_returns=user.has_perm("fulfillment.change_return"),
        sees_orders=user.has_perm("orders.view_order"),
        sees_prices=user.has_perm("payments.view_payment"),
        reviews=user.has_perm("orders.change_order"),
        books_money=user.has_perm("payments.change_payment"),
        refunds=user.has_perm("payments.add_refund"),
    )


def is_at_console(user: AbstractUser | AnonymousUser) -> bool:
    """Tell whether someone may come in at all."""
    return bool(
        user.is_authenticated
        and user.is_active
        and getattr(user, "is_staff", False)
        and user.has_perm("fulfillment.view_shipment")
    )


def console_view(right: str = "") -> Callable[[View[P]], View[P]]:
    """Let only staff in, and only those with a right of `Rights` if one is named.

    Who is not logged in goes to the console's own login page; anyone else gets a page that says
    what is missing.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("staff:login"))
            if not is_at_console(request.user):
                return render(request, "staff/forbidden.html", status=403)
            if right and not getattr(rights_of(request.user), right):
                return show(request, "staff/forbidden.html", {}, status=403)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page of the console for someone who may see it."""
    return render(request, template, {"rights": rights_of(request.user), **context}, status=status)
