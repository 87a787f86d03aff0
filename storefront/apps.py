from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StorefrontConfig(AppConfig):
    name = "storefront"
    verbose_name = _("Storefront")

    def ready(self) -> None:
        # Whoever records an event must know its subscribers, in a web process as in a worker.
        from storefront.celery import app

        app.autodiscover_tasks(force=True)
