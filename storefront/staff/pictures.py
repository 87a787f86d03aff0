from catalog.models import Variant


def picture_url(variant: Variant) -> str:
    """Give a variant's first picture, else one of its product; all prefetched. "" if none."""
    media = list(variant.product.media.all())
    own = [row for row in media if row.variant_id == variant.pk]
    common = [row for row in media if row.variant_id is None]
    return next((row.file.url for row in [*own, *common] or media if row.file), "")
