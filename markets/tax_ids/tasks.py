from celery import shared_task
from django.utils import timezone

from markets.tax_ids.forgetting import forget_checks


@shared_task
def forget_tax_id_checks() -> None:
    forget_checks(now=timezone.now())
