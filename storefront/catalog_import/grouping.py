"""Rows brought together to products; a product is imported whole or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storefront.catalog_import.known import Known
from storefront.catalog_import.rows import (
    ImportedPicture,
    ImportedProduct,
    ImportedVariant,
    Parsed,
    RowError,
)


@dataclass
class Draft:
    """A product while its rows are read; of each text the first one that a row gives counts."""

    lines: list[int] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    variants: list[ImportedVariant] = field(default_factory=list)
    pictures: list[ImportedPicture] = field(default_factory=list)

    def describe(self, **texts: str | None) -> None:
        for name, text in texts.items():
            if text:
                self.texts.setdefault(name, text)

    def add_picture(self, picture: ImportedPicture) -> None:
        if all(known.url != picture.url for known in self.pictures):
            self.pictures.append(picture)

    def product(self, key: str) -> ImportedProduct:
        texts = {name: text for name, text in self.texts.items() if name != "title"}
        return ImportedProduct(
            key=key,
            title=self.texts["title"],
            variants=tuple(self.variants),
            lines=tuple(self.lines),
            pictures=tuple(self.pictures),
            **texts,
        )


def group(
    drafts: Mapping[str, Draft],
    *,
    broken: Iterable[RowError],
    known: Known,
    notes: Iterable[str] = (),
) -> Parsed:
    """Check rows against each other and against the catalogue, and part the good from the bad."""
    _refuse_repeated_skus(drafts)
    for key, draft in drafts.items():
        _refuse_taken_skus(key, draft, known=known)
        _refuse_unclear_variants(draft)
        _refuse_incomplete(draft)
    errors = list(broken)
    products = []
    for key, draft in drafts.items():
        if draft.errors:
            errors += draft.errors
            errors += _left_out_with(key, draft)
        else:
            products.append(draft.product(key))
    return Parsed(tuple(products), tuple(sorted(errors)), tuple(notes))


def _refuse_repeated_skus(drafts: Mapping[str, Draft]) -> None:
    first: dict[str, int] = {}
    for draft in drafts.values():
        for variant in draft.variants:
            if variant.sku in first:
                draft.errors.append(
                    RowError(
                        variant.line, "sku", f"{variant.sku} is on line {first[variant.sku]} too"
                    )
                )
            first.setdefault(variant.sku, variant.line)


def _refuse_taken_skus(key: str, draft: Draft, *, known: Known) -> None:
    for variant in draft.variants:
        owner = known.owners.get(variant.sku, key)
        if owner != key:
            draft.errors.append(
                RowError(variant.line, "sku", f"{variant.sku} belongs to the product “{owner}”")
            )


def _refuse_unclear_variants(draft: Draft) -> None:
    """Variants of a product have the same axes and differ on them, else nobody can choose."""
    if not draft.variants:
        return
    axes = [name for name, _value in draft.variants[0].options]
    first: dict[tuple[str, ...], int] = {}
    for variant in draft.variants:
        names = [name for name, _value in variant.options]
        values = tuple(value.casefold() for _name, value in variant.options)
        if len(set(names)) < len(names):
            reason = f"an option is named twice: {', '.join(names)}"
        elif names != axes:
            reason = (
                f"has the options {', '.join(names) or 'none'}, where the product's first row"
                f" has {', '.join(axes) or 'none'}"
            )
        elif values in first:
            reason = f"has the same options as line {first[values]}"
        else:
            first[values] = variant.line
            continue
        draft.errors.append(RowError(variant.line, "options", reason))


def _refuse_incomplete(draft: Draft) -> None:
    if "title" not in draft.texts and all(error.column != "title" for error in draft.errors):
        draft.errors.append(RowError(draft.lines[0], "title", "is missing"))
    if not draft.variants and not draft.errors:
        draft.errors.append(RowError(draft.lines[0], "", "nothing of it can be bought"))


def _left_out_with(key: str, draft: Draft) -> list[RowError]:
    bad = sorted({error.line for error in draft.errors})
    return [
        RowError(line, "", f"left out with line {bad[0]}: “{key}” is imported whole or not at all")
        for line in draft.lines
        if line not in bad
    ]
