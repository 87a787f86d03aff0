from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from catalog.reference import forget
from tests.browser import FLAGS, NoBrowser, chromium_program

DESKTOP = ViewportSize(width=1280, height=800)


class NewPage(Protocol):
    """Opens a page in a browser context of its own."""

    def __call__(
        self,
        *,
        locale: str = "en-GB",
        viewport: ViewportSize = DESKTOP,
        javascript: bool = True,
        base_url: str | None = None,
        **options: Any,
    ) -> Page: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run what takes long, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if "soak" in item.path.parts:
            item.add_marker("soak")
    if not config.getoption("--soak"):
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give the test database; at the end, end what a thread that is over has left connected."""
    yield
    with django_db_blocker.unblock():
        leave_alone_in_database()


def leave_alone_in_database() -> None:
    """End every other connection, this thread's of another context (playwright's) among them."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()
    forget()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        program = chromium_program()
    except NoBrowser as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Give a factory of pages; a test in whose pages a script failed fails at its end."""
    failures: list[Error] = []

    with ExitStack() as contexts:

        def open_page(
            *,
            locale: str = "en-GB",
            viewport: ViewportSize = DESKTOP,
            javascript: bool = True,
            base_url: str | None = None,
            **options: Any,
        ) -> Page:
            context = browser.new_context(
                locale=locale,
                viewport=viewport,
                java_script_enabled=javascript,
                base_url=base_url,
                **options,
            )
            contexts.callback(context.close)
            page = context.new_page()
            # A lambda: playwright sets an attribute on its handlers, which `append` refuses.
            page.on("pageerror", lambda error: failures.append(error))
            return page

        yield open_page
    assert failures == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()
