"""Lines of several parts on one terminal, each with its part's name in front."""

import os
from collections.abc import Sequence
from typing import TextIO

COLOURS = {"setup": 35, "web": 36, "worker": 33, "sandbox": 32, "vat ids": 32, "shop": 34}
WIDTH = 8


class Printer:
    """Prints to one stream; with colours when that is a terminal and NO_COLOR is not set."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colour = stream.isatty() and not os.environ.get("NO_COLOR")

    def lines(self, name: str, lines: Sequence[bytes]) -> None:
        for line in lines:
            self._write(f"{self._label(name)} {line.decode(errors='replace').rstrip()}")

    def say(self, text: str = "") -> None:
        """Print the launcher's own words, line by line."""
        for line in text.split("\n"):
            self._write(f"{self._label('shop')} {line}".rstrip())

    def _label(self, name: str) -> str:
        label = f"{name:<{WIDTH}}|"
        return f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m" if self._colour else label

    def _write(self, line: str) -> None:
        try:
            print(line, file=self._stream, flush=True)
        except (BrokenPipeError, OSError):
            # Nobody reads any more (a closed terminal or pipe); the shop itself goes on.
            self._stream = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the run
