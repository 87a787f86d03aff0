"""Write `locale/`'s catalogues the way they are kept: one order, own header, no leftovers.

`makemessages` fills in a template's header, and two plural forms for languages that have one.
"""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from storefront.run.environment import BASE_DIR

HEADER = """\
# Texts of Entrepot's interface.
# This file is distributed under the same licence as Entrepot."""


def tidy_messages(folder: Path = BASE_DIR / "locale") -> None:
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        tidy(path)


def tidy(path: Path) -> None:
    """Write one catalogue in order. Forms beyond the language's own are left out."""
    text = path.read_text("utf-8")
    plurals = re.search(r'"Plural-Forms: (nplurals=(\d+); plural=(.*?);)\\n"', text)
    if plurals and plurals[2] == "1":
        text = re.sub(r'^msgstr\[1\] ""\n', "", text, flags=re.MULTILINE)
        path.write_text(text, "utf-8")
    with path.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    language = path.parent.parent.name
    kept = Catalog(
        locale=language,
        project="Entrepot",
        version="1",
        header_comment=HEADER,
        msgid_bugs_address="-",
        last_translator="Entrepot",
        language_team=language,
        revision_date=read.creation_date,
        creation_date=read.creation_date,
        fuzzy=False,
        charset="utf-8",
    )
    if plurals:
        # Django's forms, not Babel's: all catalogues of a language must agree on them.
        kept._num_plurals = int(plurals[2])  # type: ignore[assignment]
        kept._plural_expr = plurals[3]  # type: ignore[assignment]
    for message in read:
        if message.id:
            message.previous_id = []  # What a fuzzy match was made from.
            kept[message.id] = message
    with path.open("wb") as file:
        write_po(file, kept, width=0, sort_by_file=True, include_lineno=False)


if __name__ == "__main__":
    tidy_messages()
