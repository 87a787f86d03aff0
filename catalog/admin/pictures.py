from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.models import Category, Media


def preview(row: Media | Category | None, *, pixels: int) -> SafeString | str:
    """Show a picture small, or link to where an import found it."""
    if row is None:
        return "–"
    file = row.image if isinstance(row, Category) else row.file
    if file:
        return format_html(
            '<img src="{}" alt="" width="{}" height="{}" loading="lazy">', file.url, pixels, pixels
        )
    if isinstance(row, Media) and row.source_url:
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', row.source_url)
    return "–"
