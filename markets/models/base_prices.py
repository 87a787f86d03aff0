from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField
from djmoney.models.validators import MinMoneyValidator

from catalog.models import Variant
from markets.ranges import never_overlaps


class BasePrice(models.Model):
    """What a variant costs before it is derived for markets, in the merchant's own currency."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="base_prices")
    amount = MoneyField(
        _("amount"), max_digits=14, decimal_places=3, default_currency=None,
        validators=[MinMoneyValidator(0)],
    )  # fmt: skip
    cost = models.DecimalField(
        _("unit cost"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("In the same currency."),
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["BasePrice"]] = models.Manager()

    class Meta:
        verbose_name = _("base price")
        verbose_name_plural = _("base prices")
        ordering: ClassVar = ["variant", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps("base_price_one_in_force", per=("variant",)),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="base_price_positive"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0),
                name="base_price_cost_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.amount}"
