"""Where a gateway tells us what happened: checked, kept, answered at once."""

import json
import logging

import stripe
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.inbox import receive_event

logger = logging.getLogger(__name__)
MAX_BYTES = 1_000_000


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    body = request.body
    try:
        stripe.WebhookSignature.verify_header(
            body.decode(), request.headers.get("Stripe-Signature"), settings.STRIPE_WEBHOOK_SECRET,
            stripe.Webhook.DEFAULT_TOLERANCE,
        )  # fmt: skip
        payload = json.loads(body)
    except (ValueError, stripe.SignatureVerificationError) as error:
        logger.warning("A webhook was refused: %s", error)
        return HttpResponse(status=400)
    if not (isinstance(payload, dict) and payload.get("id") and payload.get("type")):
        return HttpResponse(status=400)
    if settings.PRODUCTION and bool(payload.get("livemode")) != _is_live():
        logger.error("Webhook %s is of the other mode, live or test", payload["id"])
        return HttpResponse(status=400)
    receive_event(payload)
    return HttpResponse(status=200)


def _is_live() -> bool:
    return "_live_" in settings.STRIPE_SECRET_KEY
