"""What has to be true before the shop opens; one process, so that Django is loaded once."""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from storefront.run.environment import BASE_DIR, state_folder
from storefront.run.messages import compile_messages


def collect_static(state: Path) -> None:
    """Collect the static files, from nothing when the packages they come from have changed."""
    lock = hashlib.sha256((BASE_DIR / "requirements.lock").read_bytes()).hexdigest()
    stamp = state / "static.lock-hash"
    # A manifest of older packages' files would make pages fail.
    stale = not stamp.exists() or stamp.read_text() != lock
    clear = stale and Path(settings.STATIC_ROOT).exists()
    call_command("collectstatic", interactive=False, clear=clear, verbosity=0)
    stamp.write_text(lock)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    for path in compile_messages():
        print(f"compiled {path.relative_to(BASE_DIR)}", flush=True)
    django.setup()
    print("bringing the database up to date", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    print("collecting static files", flush=True)
    collect_static(state_folder())
    call_command("load_demo", if_empty=True)


if __name__ == "__main__":
    main()
