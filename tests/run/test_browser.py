import os
from pathlib import Path

import pytest

from tests.browser import HOW_TO_GET, PACKAGES, NoBrowser, chromium_program


def program(folder: Path, *, name: str, script: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_browser_on_the_path_is_used(path: Path) -> None:
    chrome = program(path, name="google-chrome", script="")
    assert chromium_program() == str(chrome)


def test_missing_browser_is_installed_by_root(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    install = """
        cd "$(dirname "$0")" && echo "$@" >> called
        case "$1" in install) cp apt-get chromium;; esac
    """
    program(path, name="apt-get", script=f"PATH=/usr/bin:/bin{install}")

    assert chromium_program() == str(path / "chromium")
    assert (path / "called").read_text().splitlines() == [
        "update -qq",
        f"install -qq -y --no-install-recommends {' '.join(PACKAGES)}",
    ]


def test_failed_installation_tells_why(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(path, name="apt-get", script="echo 'no network' >&2; exit 100")
    with pytest.raises(NoBrowser, match="apt-get update -qq failed:\nno network"):
        chromium_program()


def test_person_who_may_not_install_is_told_how(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(path, name="apt-get", script="exit 1")
    with pytest.raises(NoBrowser) as refused:
        chromium_program()
    assert str(refused.value) == HOW_TO_GET
