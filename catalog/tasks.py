from celery import shared_task
from django.utils import timezone

from catalog.indexing import index_changed


@shared_task
def index_changed_products() -> None:
    index_changed(now=timezone.now())
