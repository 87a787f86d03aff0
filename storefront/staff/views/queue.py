from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from storefront.staff.access import console_view, rights_of, show
from storefront.staff.desk import load_desk, return_tabs
from storefront.staff.queue import load_queue, place_from


@require_GET
@console_view()
def queue(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "queue": load_queue(place_from(request.GET), now=now),
        "desk": load_desk(rights_of(request.user), now=now),
        "return_tabs": return_tabs(),
    }
    return show(request, "staff/queue.html", context)
