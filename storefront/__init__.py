"""The Django project and what people touch: shop, checkout, staff console, admin."""

from storefront.celery import app as celery_app

__all__ = ["celery_app"]
