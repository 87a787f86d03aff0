"""Finding by SKU what the shop sells."""

from collections.abc import Collection, Iterable, Sequence

from catalog.models import Product, Variant
from catalog.selectors import category_ids_of
from markets.pricing import PriceAnswer
from markets.promotions import Good


def find_goods(skus: Iterable[str]) -> dict[str, Variant]:
    """Find the variants for sale of SKUs with their products, in one query.

    What is hidden is as if it did not exist: nobody learns of goods before they are shown.
    """
    found = Variant.objects.select_related("product").filter(
        sku__in=list(skus), is_active=True, product__status=Product.Status.ACTIVE
    )
    return {variant.sku: variant for variant in found}


def make_goods(variants: Collection[Variant], answers: Sequence[PriceAnswer]) -> list[Good | None]:
    """Make what promotions look at of variants and their answers; None is not sold. One query."""
    categories = category_ids_of([variant.product_id for variant in variants])
    return [
        Good(
            key=str(variant.pk),
            variant_id=variant.pk,
            product_id=variant.product_id,
            category_ids=categories.get(variant.product_id, frozenset()),
            quantity=answer.quantity,
            unit_price=answer.amount,
        )
        if answer.amount is not None
        else None
        for variant, answer in zip(variants, answers, strict=True)
    ]
