from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from storefront.pages.frame import build_frame


def shop(request: HttpRequest) -> dict[str, Any]:
    """Give templates the shop, and what stands around its pages once a page asks for it."""
    active = getattr(request, "shop", None)
    if active is None:
        return {"shop": None}
    return {"shop": active, "frame": SimpleLazyObject(partial(build_frame, request, active))}
