from celery import shared_task
from django.utils import timezone

from orders.events import send_pending


@shared_task
def sweep_events() -> int:
    """Send again every event that a subscriber has not dealt with and nobody is at."""
    return send_pending(now=timezone.now())
