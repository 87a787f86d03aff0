#!/usr/bin/env python
"""Django's commands, with the embedded servers running for as long as a command needs them."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

from storefront.embedded import EmbeddedServerFailed
from storefront.run.environment import shop_environment, state_folder


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    # Leave by the usual way out, so that servers started here are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with shop_environment(state_folder()) as made:
            os.environ.update(made)
            execute_from_command_line(sys.argv)
    except EmbeddedServerFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
