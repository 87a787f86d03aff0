from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fulfillment.models import Shipment, ShipmentLabel
from storefront.staff.access import console_view
from storefront.staff.labelling import ask_for_label
from storefront.staff.queue import place_from
from storefront.staff.shipment_page import find_shipment


@require_POST
@console_view("ships")
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the carrier for the label once more, now."""
    try:
        found = find_shipment(number)
    except Shipment.DoesNotExist:
        raise Http404 from None
    ask_for_label(request, found, insist=True)
    query = place_from(request.GET).query()
    return HttpResponseRedirect(f"{reverse('staff:shipment', args=[number])}?{query}")


@require_GET
@console_view("ships")
def document(request: HttpRequest, number: str) -> HttpResponse:
    """Give the label to print."""
    label = (
        ShipmentLabel.objects.filter(
            shipment__number=number, status=ShipmentLabel.Status.MADE, document__isnull=False
        )
        .order_by("-id")
        .first()
    )
    if label is None:
        raise Http404
    return HttpResponse(
        bytes(label.document or b""),
        content_type=label.media_type,
        headers={
            "Content-Disposition": f'inline; filename="{number}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )
