"""The whole shop for browser tests: demo data, web server, worker and payment sandbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from payments.sandbox import SandboxServer
from storefront.celery import app
from storefront.demo.loading import load_demo
from tests.conftest import leave_alone_in_database

QUEUES = ("default", "rates", "fraud", "routing", "mail")


@dataclass(frozen=True)
class OpenShop:
    """A running shop: where it listens, and its payment sandbox."""

    url: str
    sandbox: SandboxServer
    mail: Path


@pytest.fixture
def _django_db_helper(open_shop: "OpenShop") -> None:
    """In the place of pytest-django's: a module's tests share one shop, and none is rolled back."""


@pytest.fixture(scope="module")
def open_shop(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OpenShop]:
    """Open the demo shop for a module's tests, and leave an empty database behind."""
    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock():
        web = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
        sandbox = SandboxServer(folder / "sandbox").start()
        web.daemon = True
        web.start()
        web.is_ready.wait()
        if web.error:
            raise web.error
        url = f"http://127.0.0.1:{web.port}"
        sandbox.webhook_url = f"{url}/webhooks/stripe/"
        policy = {**django_settings.CONTENT_SECURITY_POLICY}
        policy["DIRECTIVES"] = {
            **policy["DIRECTIVES"],
            "form-action": ["'self'", sandbox.url],
        }
        with override_settings(
            PUBLIC_URL=url,
            STRIPE_API_BASE=sandbox.url,
            EMAIL_BACKEND="storefront.notifications.mailbox.FolderBackend",
            EMAIL_FILE_PATH=folder / "mail",
            MEDIA_ROOT=folder / "media",
            CONTENT_SECURITY_POLICY=policy,
        ):
            load_demo(now=timezone.now())
            with start_worker(
                app,
                pool="threads",
                concurrency=2,
                queues=QUEUES,
                perform_ping_check=False,
                shutdown_timeout=20,
            ):
                yield OpenShop(url, sandbox, folder / "mail")
            web.terminate()
            web.join(10)
            sandbox.stop()
            leave_alone_in_database()
            call_command("flush", interactive=False, verbosity=0)
        connections.close_all()
