from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.delivery import Carrier
from fulfillment.models.stock import Warehouse
from markets.models import country_code

LONGEST = timedelta(days=60)


class Closure(models.Model):
    """Days beside public holidays on which a warehouse, or carriers in a country, do not work.

    Carriers pause longer than law asks in some countries: around the lunar new year in China.
    """

    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, null=True, blank=True, related_name="closures",
        verbose_name=_("warehouse"), help_text=_("Nothing is picked there: stock-taking, a move."),
    )  # fmt: skip
    country = models.CharField(
        _("country"), max_length=2, blank=True, validators=[country_code],
        help_text=_("Nothing is collected or delivered there. Either this or a warehouse."),
    )  # fmt: skip
    carrier = models.ForeignKey(
        Carrier, models.CASCADE, null=True, blank=True, related_name="closures",
        verbose_name=_("carrier"), help_text=_("In that country; empty: every carrier."),
    )  # fmt: skip
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=120)
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Who says so, and where.")
    )

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering: ClassVar = ["first_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="closure_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(warehouse__isnull=False, country="", carrier__isnull=True)
                | models.Q(warehouse__isnull=True) & ~models.Q(country=""),
                name="closure_of_a_warehouse_or_a_country",
                violation_error_message=_(
                    "Choose a warehouse, or a country and where you like one of its carriers."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}: {self.reason}"

    def clean(self) -> None:
        errors = {}
        if self.first_on and self.last_on:
            if self.last_on < self.first_on:
                errors["last_on"] = _("The last day comes before the first.")
            elif self.last_on - self.first_on > LONGEST:
                errors["last_on"] = _("A closure lasts 60 days at most.")
        if self.warehouse_id and (self.country or self.carrier_id):
            errors["warehouse"] = _("A closure is of a warehouse or of a country, not of both.")
        elif not self.warehouse_id and not self.country:
            errors["country"] = _("Say which country, or choose a warehouse.")
        if errors:
            raise ValidationError(errors)

    def days(self) -> Iterator[date]:
        """Give its days, the first and the last among them."""
        for passed in range((self.last_on - self.first_on).days + 1):
            yield self.first_on + timedelta(days=passed)
