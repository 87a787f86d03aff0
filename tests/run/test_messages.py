import gettext
import os
from pathlib import Path

from storefront.run.messages import compile_messages

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Cart"
msgstr "Warenkorb"

#, fuzzy
msgid "Return"
msgstr "Rückfahrt"
"""


def catalogue(folder: Path) -> Path:
    source = folder / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE, encoding="utf-8")
    return source


def test_catalogue_is_compiled_without_its_doubtful_entries(tmp_path: Path) -> None:
    source = catalogue(tmp_path)
    assert compile_messages(tmp_path) == [source.with_suffix(".mo")]

    with source.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Cart") == "Warenkorb"
    assert compiled.gettext("Return") == "Return"


def test_only_a_newer_catalogue_is_compiled_again(tmp_path: Path) -> None:
    source = catalogue(tmp_path)
    compile_messages(tmp_path)
    assert compile_messages(tmp_path) == []

    later = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (later, later))
    assert compile_messages(tmp_path) == [source.with_suffix(".mo")]
