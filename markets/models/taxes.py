from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import TaxCategory
from markets.models.codes import country_code
from markets.ranges import DateRange, never_overlaps


class TaxRate(models.Model):
    """What a country, or a region of it, takes of a class of goods, from a day to a day."""

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(
        _("region"),
        max_length=10,
        blank=True,
        help_text=_("The state's or province's code without the country; empty is all of it."),
    )
    category = models.ForeignKey(TaxCategory, models.PROTECT, related_name="+")
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    name = models.CharField(_("name"), max_length=40, help_text=_("As on an invoice: VAT, MwSt."))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering: ClassVar = ["country", "region", "category", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "tax_rate_one_in_force", of=DateRange, per=("country", "region", "category")
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lt=100), name="tax_rate_sensible"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.country}{self.region and '-' + self.region} {self.category_id} {self.percent} %"
        )
