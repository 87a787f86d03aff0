from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

P = ParamSpec("P")


def sees_documents(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only staff in who may see orders and what was paid for them."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        rights = ("orders.view_invoice", "payments.view_payment")
        if not user.is_active or not user.is_staff or not user.has_perms(rights):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
