"""The one client of the official SDK, and its errors in our words."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import stripe
from django.conf import settings

from payments.errors import GatewayRefused, GatewayUnavailable

CONNECT_SECONDS, READ_SECONDS = 5, 20
_lock = threading.Lock()
_clients: dict[tuple[str, str], stripe.StripeClient] = {}


def get_client() -> stripe.StripeClient:
    """Give this process's client, made at first use; its connections belong to their threads."""
    address = (settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    with _lock:
        if address not in _clients:
            _clients[address] = stripe.StripeClient(
                settings.STRIPE_SECRET_KEY,
                base_addresses={"api": settings.STRIPE_API_BASE},
                max_network_retries=2,
                http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
            )
        return _clients[address]


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn the SDK's errors into GatewayUnavailable and GatewayRefused.

    A key or a right that is missing is ours to mend and no verdict on the payment, and so is a
    request that differs from the one its key was first used with: what that one did is unknown.
    """
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise GatewayRefused(_message(error), code=error.code or "") from error
    except stripe.StripeError as error:
        raise GatewayUnavailable(f"{type(error).__name__}: {_message(error)}") from error


def _message(error: stripe.StripeError) -> str:
    return error.user_message or str(error)
