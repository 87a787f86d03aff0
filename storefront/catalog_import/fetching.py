from collections.abc import Callable, Iterable, Iterator

from django.core.files.base import ContentFile

from catalog.models import Media
from storefront.catalog_import.download import PictureUnavailable, download_picture


def list_missing_pictures(product_keys: Iterable[str]) -> list[Media]:
    """List the pictures of some products that were named by an import and never downloaded."""
    return list(
        Media.objects.filter(product__key__in=list(product_keys), file="")
        .select_related("product")
        .order_by("product__key", "position", "pk")
    )


def fetch_pictures(
    pictures: Iterable[Media], *, allow_private: bool, progress: Callable[[int], object] = int
) -> Iterator[str]:
    """Download pictures into the media storage and tell of each that could not be had.

    Not to be called in a transaction. What failed is found again by the next import.
    """
    for picture in pictures:
        try:
            found = download_picture(picture.source_url, allow_private=allow_private)
        except PictureUnavailable as unavailable:
            yield f"{picture.source_url}: {unavailable}"
        else:
            name = f"{picture.product.key}-{picture.position + 1}.{found.extension}"
            picture.file.save(name, ContentFile(found.content), save=False)
            picture.save(update_fields=["file"])
            picture.product.save(update_fields=["changed_at"])
        progress(1)
