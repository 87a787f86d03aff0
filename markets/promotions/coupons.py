from typing import Any

from django.db import IntegrityError, transaction

from markets.models import Coupon
from markets.promotions.codes import random_code

MOST = 10_000
_TRIES = 5


def make_coupons(
    promotion_id: int,
    count: int,
    *,
    prefix: str = "",
    use_limit: int | None = 1,
    customer_limit: int | None = None,
) -> list[Coupon]:
    """Make so many coupons of a promotion with random codes, all or none; ten thousand at most."""
    if not 1 <= count <= MOST:
        raise ValueError(f"1 to {MOST} coupons are made at a time")
    limits: dict[str, Any] = {"use_limit": use_limit, "customer_limit": customer_limit}
    for _try in range(_TRIES):
        codes: set[str] = set()
        while len(codes) < count:
            codes.add(random_code(prefix))
        coupons = [Coupon(promotion_id=promotion_id, code=code, **limits) for code in sorted(codes)]
        try:
            with transaction.atomic():
                return Coupon.objects.bulk_create(coupons, batch_size=2_000)
        except IntegrityError:
            # Chance has made a code that there is; so unlikely that one more try is enough.
            continue
    raise RuntimeError("no free codes were found")
