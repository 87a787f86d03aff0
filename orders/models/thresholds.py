from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.models import LegalEntity, TaxThreshold


class ThresholdAlarm(models.Model):
    """A company's sales are near a threshold or past it: open until they are not, or it registers.

    What it says is how sales stood when it was raised; the page of thresholds has them as of now.
    """

    class Level(models.IntegerChoices):
        NEAR = 80, _("near")
        PASSED = 100, _("passed")

    legal_entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="+", verbose_name=_("legal entity")
    )
    threshold = models.ForeignKey(
        TaxThreshold, models.CASCADE, related_name="+", verbose_name=_("threshold")
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    amount = models.DecimalField(
        _("sold"), max_digits=16, decimal_places=3,
        help_text=_("In the threshold's currency, without tax."),
    )  # fmt: skip
    orders = models.PositiveIntegerField(_("orders"))
    raised_at = models.DateTimeField(_("raised at"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)

    class Meta:
        verbose_name = _("threshold alarm")
        verbose_name_plural = _("threshold alarms")
        ordering: ClassVar = [
            models.F("cleared_at").desc(nulls_first=True), "-level", "-raised_at"
        ]  # fmt: skip
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["legal_entity", "threshold", "level"],
                condition=models.Q(cleared_at__isnull=True),
                name="threshold_alarm_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.threshold} {self.level} %"
