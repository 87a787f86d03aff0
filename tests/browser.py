"""Finding, installing and starting the Chromium of the browser tests."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = (
    *("chromium", "fonts-noto-cjk", "fonts-noto-core", "fonts-noto-color-emoji"),
    # What invoices are written with; it comes with Chromium.
    *("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET = (
    "The browser tests need Chromium and found none on the PATH as "
    f"{', '.join(NAMES)}. On Debian and Ubuntu: sudo apt-get install {' '.join(PACKAGES)}. "
    "Elsewhere install Chromium or Chrome (with the Noto fonts) and put it on the PATH."
)


class NoBrowser(RuntimeError):
    """There is no Chromium here and none could be installed; the message says what to do."""


def chromium_program() -> str:
    """Find Chromium on the PATH; install Debian's when that is possible. Raises NoBrowser."""
    found = _on_path()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # Test processes that start together must not install together.
        lock = Path(tempfile.gettempdir()) / "entrepot-chromium.lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = _on_path() or _install()
    if found is None:
        raise NoBrowser(HOW_TO_GET)
    return found


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _install() -> str | None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ("apt-get", "update", "-qq"),
        ("apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES),
    ):
        result = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False
        )
        if result.returncode:
            raise NoBrowser(f"{' '.join(command)} failed:\n{result.stderr.strip()}\n{HOW_TO_GET}")
    return _on_path()
