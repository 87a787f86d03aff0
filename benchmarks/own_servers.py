"""Servers of a benchmark's own, in a temporary folder, and Django set up on them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storefront.embedded import embedded_servers


@contextmanager
def own_servers(*, durable: bool = False) -> Iterator[None]:
    """Run the block on an empty PostgreSQL and Valkey, with every table made.

    Durable servers wait for the disk as a shop's do.
    """
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        # PostgreSQL may have to run as another user, who must be able to pass.
        Path(folder).chmod(0o711)
        with embedded_servers(Path(folder) / "servers", durable=durable) as addresses:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "storefront.settings",
                "DATABASE_URL": addresses.database_url,
                "REDIS_URL": addresses.redis_url,
                "ENTREPOT_ENV": "test",
                "ENTREPOT_VAR": str(Path(folder) / "var"),
            }
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            try:
                yield
            finally:
                connections.close_all()
