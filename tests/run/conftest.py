import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storefront.embedded import stop_forgotten


@pytest.fixture
def state() -> Iterator[Path]:
    """Give a state folder; whatever still runs in it at the end is stopped."""
    # Not tmp_path: it is closed to the user whom the servers may have to run as.
    folder = Path(tempfile.mkdtemp(prefix="entrepot-state-"))
    folder.chmod(0o711)
    yield folder / "var"
    stop_forgotten(folder / "var")
    shutil.rmtree(folder)


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """Give the environment of a person who has set nothing for a shop."""
    ours = ("DATABASE_", "DJANGO_", "ENTREPOT_", "PYTEST_", "REDIS_", "STRIPE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
