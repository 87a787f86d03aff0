"""What is said of an obstacle to whoever wants to buy."""

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from markets.legality.rules import Obstacle, ObstacleProblem
from markets.models import ProductRestriction

_MISSING: dict[ObstacleProblem, Promise] = {
    ObstacleProblem.SAFETY: _("Its manufacturer is not named yet, as the law here asks."),
    ObstacleProblem.RESPONSIBLE_PERSON: _(
        "Nobody is named yet who answers for it here, as the law asks."
    ),
    ObstacleProblem.PICTURE: _("It has no picture yet, as the law here asks."),
    ObstacleProblem.CONTENT: _("Its content is not stated yet, which its unit price is told by."),
}
_REASONS: dict[str, Promise] = {
    ProductRestriction.Reason.LAW: _("The law there does not allow it."),
    ProductRestriction.Reason.IMPORT_BAN: _("It may not be imported there."),
    ProductRestriction.Reason.DANGEROUS: _("It counts as dangerous goods on the way there."),
    ProductRestriction.Reason.PROTECTED: _("It is made of a protected species."),
    ProductRestriction.Reason.SANCTIONS: _("Sanctions do not allow it."),
    ProductRestriction.Reason.AGREEMENT: _("We have agreed with its maker not to sell it there."),
    ProductRestriction.Reason.AGE: _("It is sold to adults only."),
    ProductRestriction.Reason.PERMIT: _("Whoever receives it needs a permit."),
}


def describe_obstacle(obstacle: Obstacle) -> str:
    """Say in the active language why a good is not sold, or how; the country is not named."""
    if obstacle.problem is ObstacleProblem.WARNINGS:
        return gettext("Its safety warnings are not written in %(language)s yet.") % {
            "language": _language(obstacle.reason)
        }
    words = _MISSING.get(obstacle.problem) or _REASONS.get(obstacle.reason)
    return str(words or _("It is not sold there."))


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
