"""What a page shows of a cart's lines beside amounts, read when it is first asked for."""

from collections.abc import Collection
from functools import cached_property

from catalog.models import Variant
from markets.lowest_price import Reduction
from markets.models import Market
from markets.pricing import PriceAnswer, list_reductions


class CartDetails:
    """Variants with product, options and pictures, and reductions, of all lines of a cart.

    The first question about a variant reads them all in five queries, the first about a
    reduction in one query at most. Whoever only wants amounts asks neither.
    """

    def __init__(
        self,
        variant_ids: Collection[int],
        *,
        answers: Collection[PriceAnswer],
        market: Market,
        group_ids: Collection[int],
    ) -> None:
        self._variant_ids = variant_ids
        self.answers = {answer.variant_id: answer for answer in answers}
        self._market = market
        self._group_ids = group_ids

    @cached_property
    def variants(self) -> dict[int, Variant]:
        rows = Variant.objects.select_related("product").prefetch_related(
            "options__value", "media", "product__media"
        )
        return rows.in_bulk(self._variant_ids)

    @cached_property
    def reductions(self) -> dict[int, Reduction | None]:
        answers = self.answers.values()
        found = list_reductions(answers, self._market, group_ids=self._group_ids)
        return dict(zip(self.answers, found, strict=True))
