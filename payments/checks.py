"""What Django's system check says of payments, without asking the database."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from payments.gateways import GATEWAYS
from payments.models import PaymentMethod


@register(Tags.models)
def check_gateways(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every gateway that a method can name has an adapter."""
    return [
        Error(f"The gateway {code!r} has no adapter in payments.gateways.", id="payments.E001")
        for code in PaymentMethod.Gateway.values
        if code not in GATEWAYS
    ]


@register(Tags.security, deploy=True)
def check_stripe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Production talks to Stripe itself, with keys of one mode that takes real money."""
    if not settings.PRODUCTION:
        return []
    messages: list[CheckMessage] = []
    if "_test_" in settings.STRIPE_SECRET_KEY:
        messages.append(
            Warning("STRIPE_SECRET_KEY is a test key: no payment is real.", id="payments.W001")
        )
    if not settings.STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
        messages.append(
            Warning(
                "STRIPE_WEBHOOK_SECRET does not look like an endpoint's signing secret.",
                hint="It starts with whsec_; without it every webhook is refused.",
                id="payments.W002",
            )
        )
    return messages
