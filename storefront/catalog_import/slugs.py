from django.conf import settings
from django.utils.text import slugify
from modeltranslation.utils import build_localized_fieldname

from catalog.models import Product

_LONGEST = 200


class Slugs:
    """Slugs for new products, taken by no other one in any language."""

    def __init__(self) -> None:
        fields = [build_localized_fieldname("slug", code) for code, _name in settings.LANGUAGES]
        rows = Product.objects.order_by().values_list(*fields)
        self._taken = {slug for row in rows for slug in row if slug}

    def make(self, title: str, *, key: str) -> str:
        """Make a slug from a title; from the key as well where the title's is taken."""
        base = slugify(title, allow_unicode=True) or "product"
        ending = slugify(key, allow_unicode=True)
        with_key = f"{base[: _LONGEST - len(ending) - 1]}-{ending}"
        candidates = [base[:_LONGEST], with_key]
        number = 2
        while candidates[0] in self._taken:
            candidates.pop(0)
            if not candidates:
                candidates.append(f"{with_key[: _LONGEST - 8]}-{number}")
                number += 1
        self._taken.add(candidates[0])
        return candidates[0]
