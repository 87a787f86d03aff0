"""Where carriers tell us what happened to parcels: checked, kept, answered at once."""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from fulfillment.carriers.errors import BadSignature, UnreadableReport
from fulfillment.carriers.inbox import receive_event
from fulfillment.models import Carrier

logger = logging.getLogger(__name__)
MAX_BYTES = 200_000


@csrf_exempt
@require_POST
def carrier_webhook(request: HttpRequest, code: str) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    carrier = Carrier.objects.filter(code=code).first()
    if carrier is None:
        return HttpResponse(status=404)
    try:
        receive_event(
            carrier,
            request.body,
            request.headers.get("Carrier-Signature", ""),
            now=timezone.now(),
        )
    except (BadSignature, UnreadableReport) as error:
        logger.warning("A report of %s was refused: %s", code, error)
        return HttpResponse(status=400)
    return HttpResponse(status=200)
