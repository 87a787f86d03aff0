from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models.delivery import CarrierService
from fulfillment.models.stock import Warehouse
from markets.models import Market


class StockDisplay(models.Model):
    """How a market tells its shoppers what is there; without a row, few are fewer than six."""

    market = models.OneToOneField(Market, models.CASCADE, related_name="stock_display")
    few_up_to = models.PositiveSmallIntegerField(
        _("few up to"), default=5, validators=[MaxValueValidator(99)],
        help_text=_("Up to so many units the shop says how many are left; 0: never."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("stock display")
        verbose_name_plural = _("stock displays")
        ordering: ClassVar = ["market"]

    def __str__(self) -> str:
        return f"{self.market_id}: {self.few_up_to}"


class StockAudit(models.Model):
    """What a nightly check found: where ledger, levels, reservations and orders disagree."""

    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"))
    levels = models.PositiveIntegerField(_("levels looked at"))
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        verbose_name = _("stock audit")
        verbose_name_plural = _("stock audits")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}: {len(self.findings)}"


class LaneScore(models.Model):
    """Promised against actual of one lane over the last months; remade every night."""

    service = models.ForeignKey(CarrierService, models.CASCADE, related_name="scores")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="scores")
    country = models.CharField(_("country"), max_length=2)
    parcels = models.PositiveIntegerField(_("parcels"))
    on_time = models.PositiveIntegerField(_("on time"))
    recent_parcels = models.PositiveIntegerField(_("parcels, last month"), default=0, db_default=0)
    recent_on_time = models.PositiveIntegerField(_("on time, last month"), default=0, db_default=0)
    damaged = models.PositiveIntegerField(_("damaged or lost"), default=0)
    days_median = models.DecimalField(_("days, half of them"), max_digits=5, decimal_places=1)
    days_p90 = models.DecimalField(_("days, nine in ten"), max_digits=5, decimal_places=1)
    cost = models.DecimalField(_("cost a parcel, EUR"), max_digits=10, decimal_places=2)
    computed_at = models.DateTimeField(_("computed at"))

    class Meta:
        verbose_name = _("lane score")
        verbose_name_plural = _("lane scores")
        ordering: ClassVar = ["service", "warehouse", "country"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "warehouse", "country"], name="lane_score_once"
            ),
            models.CheckConstraint(
                condition=models.Q(on_time__lte=models.F("parcels")), name="lane_score_sensible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.warehouse_id} → {self.country}"
