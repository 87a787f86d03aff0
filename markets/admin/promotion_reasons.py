"""The words in which a merchant reads why a promotion or a coupon applies, or does not."""

from django.utils.translation import gettext

from markets.admin.price_words import write_amount
from markets.promotions import CouponAnswer, CouponReason, PromotionReason, PromotionTried


def describe_promotion(tried: PromotionTried, currency: str) -> str:
    """Say why a promotion applied or not; what is missing is in the market's currency."""
    match tried.reason:
        case PromotionReason.APPLIED:
            return gettext("Applies.")
        case PromotionReason.OTHER_MARKET:
            return gettext("Not meant for this market.")
        case PromotionReason.NOT_YET:
            return gettext("Not in force yet.")
        case PromotionReason.ENDED:
            return gettext("No longer in force.")
        case PromotionReason.OTHER_GROUP:
            return gettext("Only for customer groups that the shopper is not in.")
        case PromotionReason.NO_MATCH:
            return gettext("Not meant for any of these goods.")
        case PromotionReason.BELOW_THRESHOLD:
            if tried.missing is None:
                return gettext("The goods it is meant for cost too little.")
            return gettext("The goods it is meant for cost %(missing)s too little.") % {
                "missing": write_amount(tried.missing, currency)
            }
        case PromotionReason.TOO_FEW:
            return gettext("Too few units of the goods it is meant for.")
        case PromotionReason.NO_AMOUNT:
            return gettext("It has no amount in %(currency)s.") % {"currency": currency}
        case PromotionReason.NEEDS_COUPON:
            return gettext("Only with its coupon.")
        case PromotionReason.COUPON_USED_UP:
            return gettext("Its coupon is used up.")
        case PromotionReason.CUSTOMER_LIMIT:
            return gettext("The shopper has used it as often as one may.")
        case PromotionReason.USED_UP:
            return gettext("It is used up.")
        case PromotionReason.NOT_BEST:
            return gettext("Something it does not combine with is worth more to the shopper.")
        case PromotionReason.NOTHING_LEFT:
            return gettext("What was tried before left nothing to take off.")
        case PromotionReason.NO_DELIVERY:
            return gettext("It is for delivery, whose price is not known here.")


def describe_coupon(answer: CouponAnswer, currency: str) -> str:
    """Say whether a coupon holds, and if not why."""
    match answer.reason:
        case CouponReason.HOLDS:
            return gettext("The coupon holds.")
        case CouponReason.UNKNOWN:
            return gettext("There is no such coupon.")
        case CouponReason.NOT_YET:
            return gettext("The coupon does not hold yet.")
        case CouponReason.ENDED:
            return gettext("The coupon no longer holds.")
        case CouponReason.OTHER_MARKET:
            return gettext("The coupon does not hold in this market.")
        case CouponReason.USED_UP:
            return gettext("The coupon is used up.")
        case CouponReason.CUSTOMER_LIMIT:
            return gettext("The shopper has used the coupon as often as one may.")
        case CouponReason.CONDITIONS:
            if answer.missing is None:
                return gettext("The basket does not meet the coupon's conditions.")
            return gettext("The coupon needs goods for %(missing)s more.") % {
                "missing": write_amount(answer.missing, currency)
            }
        case CouponReason.NOT_BEST:
            return gettext(
                "Other promotions are worth more, and the coupon does not combine with them."
            )
        case CouponReason.OTHER_GROUP:
            return gettext("The coupon is for customer groups that the shopper is not in.")
        case CouponReason.NO_MATCH:
            return gettext("The coupon is not for any of these goods.")
