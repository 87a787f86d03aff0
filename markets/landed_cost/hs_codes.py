"""Looking up headings of the Harmonized System by their words or the beginning of their code."""

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet

from markets.models.duties import HsCode

_LEAST_LIKENESS = 0.5


def find_hs_codes(words: str, *, limit: int = 20) -> list[HsCode]:
    """List the headings that fit, subheadings first; all of the words are in each.

    A number is the beginning of a code. Where nothing has all of the words, those whose words
    are most like them come instead, for what was mistyped.
    """
    asked = words.replace(".", "").split() if _is_number(words) else words.split()
    if not asked:
        return []
    if _is_number(words):
        return list(HsCode.objects.filter(code__startswith="".join(asked)[:6])[:limit])
    fitting = Q()
    for word in asked:
        fitting &= Q(description__icontains=_singular(word))
    found = list(_nearest_first(HsCode.objects.filter(fitting))[:limit])
    if found:
        return found
    like = HsCode.objects.annotate(likeness=TrigramWordSimilarity(words, "description"))
    return list(
        like.filter(likeness__gte=_LEAST_LIKENESS, level=6).order_by("-likeness", "code")[:limit]
    )


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


def _is_number(words: str) -> bool:
    return words.replace(".", "").replace(" ", "").isdecimal()


def _singular(word: str) -> str:
    """Drop the plural's s: what is left is found in both."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _nearest_first(codes: QuerySet[HsCode]) -> QuerySet[HsCode]:
    return codes.order_by("-level", "code")
