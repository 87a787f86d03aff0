"""Compiling the catalogues of `locale/`, without any program of gettext's."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from storefront.run.environment import BASE_DIR


def compile_messages(folder: Path = BASE_DIR / "locale") -> list[Path]:
    """Compile each catalogue that is newer than its compiled file; list the files written."""
    return [
        _compile(source)
        for source in sorted(folder.glob("*/LC_MESSAGES/*.po"))
        if _is_stale(source.with_suffix(".mo"), source=source)
    ]


def _is_stale(compiled: Path, *, source: Path) -> bool:
    return not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    compiled = source.with_suffix(".mo")
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    # Written beside and renamed: a second copy of the shop may be reading the file.
    fresh = compiled.with_suffix(f".mo.{os.getpid()}")
    with fresh.open("wb") as file:
        write_mo(file, catalogue)
    fresh.replace(compiled)
    return compiled


if __name__ == "__main__":
    for path in compile_messages():
        print(f"compiled {path}")
