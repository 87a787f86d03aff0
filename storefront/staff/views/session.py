from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from storefront.staff.access import is_at_console
from storefront.staff.forms import LoginForm


class ConsoleLogin(LoginView):
    template_name = "staff/login.html"
    authentication_form = LoginForm
    next_page = "staff:queue"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A shopper who is logged in may still log in here as someone else.
        if is_at_console(request.user):
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)


class ConsoleLogout(LogoutView):
    next_page = "staff:login"
