"""What is there, in the shopper's words: the same in lists, on the product's page, in the cart."""

from collections.abc import Iterable
from datetime import date

from babel.dates import format_skeleton
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.stock import StockKind, StockNote
from storefront.shops import active_shop
from storefront.wording import reader_locale

_BEST_FIRST = (StockKind.IN_STOCK, StockKind.FEW, StockKind.AHEAD, StockKind.OUT)


def stock_text(note: StockNote) -> str:
    """Word what a market has of a variant: In stock, 3 left, Back on 4 May, Out of stock."""
    if note.kind is StockKind.FEW and note.left is not None:
        return ngettext("%(left)s left", "%(left)s left", note.left) % {"left": note.left}
    if note.kind is StockKind.AHEAD and note.on:
        return _("Back on %(day)s") % {"day": _day(note.on)}
    if note.kind is StockKind.OUT:
        if note.on:
            return _("Out of stock, expected on %(day)s") % {"day": _day(note.on)}
        return _("Out of stock")
    return _("In stock")


def line_text(note: StockNote, quantity: int) -> str:
    """Word what a line of a cart waits for: units that are not here yet, and the day; or nothing.

    What is plenty needs no word, and few are said to be few.
    """
    if note.on is None or quantity <= note.here:
        return stock_text(note) if note.kind is StockKind.FEW else ""
    words = {"here": note.here, "later": quantity - note.here, "day": _day(note.on)}
    if note.here:
        return _("%(here)s at once, %(later)s on %(day)s") % words
    return _("Pre-order, expected on %(day)s") % words


def best_note(notes: Iterable[StockNote]) -> StockNote:
    """Give what a list says of a product: the best that any of its variants has.

    That few are left is said only where there is nothing to choose from.
    """
    ranked = sorted(
        notes, key=lambda note: (_BEST_FIRST.index(note.kind), note.on or date.max, -note.sellable)
    )
    if not ranked:
        return StockNote(StockKind.OUT, 0)
    best = ranked[0]
    if best.kind is StockKind.FEW and len(ranked) > 1:
        return StockNote(StockKind.IN_STOCK, best.sellable)
    return best


def _day(day: date) -> str:
    shop = active_shop()
    locale = shop.babel if shop else reader_locale()
    return str(format_skeleton("MMMMd", day, locale=locale))
