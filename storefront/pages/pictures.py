"""Pictures of goods, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import Media, Product, Variant


@dataclass(frozen=True)
class Picture:
    url: str
    alt: str


def picture_of_product(product: Product) -> Picture | None:
    """Take a product's first picture, its variants' included; both are prefetched."""
    return next(iter(_shown(product.media.all(), product)), None)


def pictures_of_variant(variant: Variant, product: Product) -> list[Picture]:
    """List a variant's own pictures, then those of no variant; both are prefetched."""
    media = list(product.media.all())
    own = [row for row in media if row.variant_id == variant.pk]
    common = [row for row in media if row.variant_id is None]
    return _shown([*own, *common] or media, product)


def _shown(media: Iterable[Media], product: Product) -> list[Picture]:
    # A picture that is only known by its source's address is not ours to show yet.
    return [Picture(row.file.url, row.alt or product.title) for row in media if row.file]
