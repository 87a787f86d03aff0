from celery import shared_task
from django.utils import timezone

from orders.events import send_pending
from orders.tax_reports.nexus import watch_thresholds


@shared_task
def sweep_events() -> int:
    """Send again every event that a subscriber has not dealt with and nobody is at."""
    return send_pending(now=timezone.now())


@shared_task
def watch_tax_thresholds() -> int:
    """Open an alarm for each tax threshold that sales came near to; give how many are new."""
    return len(watch_thresholds(now=timezone.now()))
