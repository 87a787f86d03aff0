"""The words in which a merchant reads why a price is what it is."""

from decimal import Decimal

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext, to_locale

from markets.models import Market, Price
from markets.money import format_money
from markets.pricing.quoting import PriceAnswer, Reason, Rule, Tried
from markets.pricing.rules import Origin


def write_amount(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency, to_locale(get_language() or "en"))


def describe_row(tried: Tried) -> str:
    """Name the kind of a price: for whom and from how many units on."""
    row = tried.row
    words = {
        Rule.DERIVED: gettext("derived from the base price"),
        Rule.MANUAL: gettext("set by hand"),
        Rule.LIST: gettext("price list"),
    }[tried.rule]
    parts = [words]
    if row.group is not None:
        parts.append(gettext("for %(group)s") % {"group": row.group})
    if row.min_quantity > 1:
        parts.append(gettext("from %(quantity)s units on") % {"quantity": row.min_quantity})
    return ", ".join(parts)


def describe_reason(tried: Tried, answer: PriceAnswer) -> str:
    """Say why a price won or lost."""
    row, winner = tried.row, answer.amount or Decimal(0)
    currency = str(row.amount.currency)
    match tried.reason:
        case Reason.ONLY:
            return gettext("The only price that applies.")
        case Reason.LOWEST:
            return gettext("The lowest of the prices that apply.")
        case Reason.NOT_YET:
            return gettext("Not in force yet: it begins on %(moment)s.") % {
                "moment": _moment(row, start=True)
            }
        case Reason.ENDED:
            return gettext("No longer in force: it ended on %(moment)s.") % {
                "moment": _moment(row, start=False)
            }
        case Reason.OTHER_GROUP:
            return gettext("Only for %(group)s.") % {"group": row.group}
        case Reason.TOO_FEW:
            return ngettext(
                "From %(needed)s units on; this is %(quantity)s unit.",
                "From %(needed)s units on; these are %(quantity)s units.",
                answer.quantity,
            ) % {"needed": row.min_quantity, "quantity": answer.quantity}
        case Reason.SET_BY_HAND:
            return gettext("A price set by hand goes before the derived one.")
        case Reason.DEARER:
            return gettext("Dearer by %(difference)s than the price that won.") % {
                "difference": write_amount(tried.amount - winner, currency)
            }
        case Reason.SAME_AMOUNT:
            return gettext("The same amount as the price that won, which is meant more closely.")


def describe_origin(origin: Origin, market: Market) -> list[tuple[str, str]]:
    """List the steps from the base price to the price, in numbers that can be reckoned again."""
    currency = market.currency
    steps = [
        (gettext("Base price"), f"{write_amount(origin.base_amount, origin.base_currency)}"),
        (gettext("Conversion"), _conversion(origin, currency)),
        (gettext("FX margin"), f"× {1 + origin.margin + origin.buffer:f}"),
        (gettext("Price adjustment"), f"× {1 + origin.adjustment:f}"),
        (gettext("Target"), f"= {origin.target.normalize():f} {currency}"),
        (gettext("Price ending"), _ending(origin)),
    ]
    if origin.floor is not None:
        steps.append((gettext("Floor"), write_amount(origin.floor, currency)))
    steps.append((gettext("Result"), write_amount(origin.result, currency)))
    return steps


def _conversion(origin: Origin, currency: str) -> str:
    if origin.rate_id is None:
        return gettext("none: %(currency)s is the base price's currency") % {"currency": currency}
    return gettext("× %(rate)s %(currency)s per %(base)s; %(provider)s of %(day)s, rate %(id)s") % {
        "rate": f"{origin.conversion.normalize():f}",
        "currency": currency,
        "base": origin.base_currency,
        "provider": origin.rate_provider,
        "day": date_format(origin.rate_day) if origin.rate_day else "–",
        "id": origin.rate_id,
    }


def _ending(origin: Origin) -> str:
    if not origin.endings:
        return gettext("none: rounded to the smallest unit")
    words = gettext("%(endings)s in steps of %(step)s") % {
        "endings": origin.endings,
        "step": f"{origin.ending_step.normalize():f}",
    }
    if origin.ending_grid is not None:
        grid = f"{origin.ending_grid.normalize():f}"
        words += "; " + gettext("below one step to %(grid)s") % {"grid": grid}
    if origin.avoid_digits:
        words += "; " + gettext("without the digits %(digits)s") % {"digits": origin.avoid_digits}
    return words


def _moment(row: Price, *, start: bool) -> str:
    moment = row.valid_from if start else row.valid_to
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "–"
