"""Looking up headings of the Harmonized System by words in any language of the shop, or by code."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, Q
from django.db.models.functions import Left

from catalog.models import Variant
from markets.landed_cost.hs_words import meanings_of
from markets.models.duties import HsCode

_LEAST_LIKENESS = 0.5
_LEAST_LETTERS = 5  # Shorter words are like too many others.
_MOST_WORDS = 8
_ASIDE = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class _Asked:
    """One word of a question: how the nomenclature may write it, and headings it stands for."""

    whole: re.Pattern[str]
    beginning: str
    codes: tuple[str, ...]

    @property
    def condition(self) -> Q:
        fitting = [Q(description__iregex=rf"\m({self.beginning})")]
        return reduce(or_, fitting + [Q(code__startswith=code) for code in self.codes])

    def place_in(self, code: HsCode) -> tuple[int, int]:
        """Give how well it fits, 0 best, and how far from the beginning of the words."""
        # "of wool (other than cotton)" is not about cotton.
        found = self.whole.search(_ASIDE.sub(lambda aside: " " * len(aside[0]), code.description))
        place = found.start() if found else len(code.description)
        if code.code.startswith(self.codes):
            return 0, place
        return (2 if found is None else 1 if self.codes else 0), place


def find_hs_codes(words: str, *, limit: int = 20) -> list[HsCode]:
    """List the headings that fit; all of the words are in each, or are meant by it.

    A number is the beginning of a code. Codes that goods of the shop have whose title has the
    words come first. Else headings that a word stands for go before others that have it, whole
    words before parts of words, subheadings before headings, and what begins with the words before
    what mentions them. Where nothing fits, headings whose words
    are most like a mistyped one come instead.
    """
    digits = re.sub(r"[.\s]", "", words)
    if digits.isascii() and digits.isdecimal():
        return list(HsCode.objects.filter(code__startswith=digits[:6])[:limit])
    asked = words.casefold().split()[:_MOST_WORDS]
    if not asked:
        return []
    found = _of_own_goods(words)
    known = {code.code for code in found}
    found += [code for code in _by_words(asked) if code.code not in known]
    return (found or _most_like(words))[:limit]


def lineage_of(codes: list[HsCode]) -> dict[str, str]:
    """Give for each code the descriptions of its chapter and heading, joined by arrows."""
    above = {code.code[:length] for code in codes for length in (2, 4) if length < code.level}
    names = dict(HsCode.objects.filter(code__in=above).values_list("code", "description"))
    return {
        code.code: " › ".join(
            names[code.code[:length]]
            for length in (2, 4)
            if length < code.level and code.code[:length] in names
        )
        for code in codes
    }


def _of_own_goods(words: str) -> list[HsCode]:
    """List the subheadings of variants whose product's title has the words, in any language."""
    titles = (f"product__title_{code.replace('-', '_')}" for code, _name in settings.LANGUAGES)
    named = reduce(or_, (Q(**{f"{title}__icontains": words.strip()}) for title in titles))
    counted = (
        Variant.objects.filter(named)
        .exclude(hs_code="")
        .values_list(Left("hs_code", 6))
        .annotate(goods=Count("pk"))
        .order_by("-goods")[:3]
    )
    codes = [code for code, _goods in counted]
    there = HsCode.objects.in_bulk(codes)
    return [there[code] for code in codes if code in there]


def _by_words(asked: list[str]) -> list[HsCode]:
    wanted = [item for word in asked for item in _items(word)]
    fitting = reduce(lambda one, other: one & other, (item.condition for item in wanted))

    def rank(code: HsCode) -> tuple[int, bool, int, str]:
        fits, places = zip(*(item.place_in(code) for item in wanted), strict=True)
        return sum(fits), code.level != 6, sum(places), code.code

    return sorted(HsCode.objects.filter(fitting), key=rank)


def _items(word: str) -> list[_Asked]:
    """Read a word: as it stands, or as the words and codes it means."""
    meanings = meanings_of(word)
    if not meanings:
        return [_asked([word], ())]
    return [
        _asked([word, *meaning.words] if len(meanings) == 1 else meaning.words, meaning.codes)
        for meaning in meanings
    ]


def _asked(words: Iterable[str], codes: tuple[str, ...]) -> _Asked:
    forms = "|".join(
        re.escape(form).replace(r"\-", "-?") for word in words for form in sorted(_forms(word))
    )
    return _Asked(re.compile(rf"\b(?:{forms})\b", re.IGNORECASE), forms, codes)


def _forms(word: str) -> set[str]:
    """Give the singulars and plurals that an English word may be of."""
    singulars = {word}
    if word.endswith("ies") and len(word) > 4:
        singulars = {f"{word[:-3]}y"}
    elif word.endswith("ves") and len(word) > 4:
        singulars = {f"{word[:-3]}{end}" for end in ("f", "fe", "ve")}
    elif word.endswith(("sses", "shes", "ches", "xes")):
        singulars = {word[:-2]}
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        singulars = {word[:-1]}
    plurals = set()
    for one in singulars:
        plurals |= {f"{one}s", f"{one}es"}
        if one.endswith("y"):
            plurals.add(f"{one[:-1]}ies")
        if one.endswith(("f", "fe")):
            plurals.add(f"{one.removesuffix('e').removesuffix('f')}ves")
    return singulars | plurals


def _most_like(words: str) -> list[HsCode]:
    if len(words.strip()) < _LEAST_LETTERS:
        return []
    like = HsCode.objects.annotate(likeness=TrigramWordSimilarity(words, "description"))
    return list(
        like.filter(likeness__gte=_LEAST_LIKENESS, level=6).order_by("-likeness", "code")[:20]
    )
