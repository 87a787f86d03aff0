from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from storefront.staff.access import is_at_console


class LoginForm(AuthenticationForm):
    """Lets only staff in; a shopper's right password is answered as plainly as a wrong one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")

    error_messages = {
        "invalid_login": _("This e-mail and password do not open the console. Check both."),
        "inactive": _("This account is closed. Ask a manager."),
    }

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not is_at_console(user):
            raise ValidationError(self.error_messages["invalid_login"], code="invalid_login")
