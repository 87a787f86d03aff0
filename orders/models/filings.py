from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.models import LegalEntity
from orders.models.invoices import Invoice


class FiledReturn(models.Model):
    """A return as it was filed: the database refuses every change.

    It was summed from documents up to `last_document`. Whatever is issued later counts in a
    later period, even where its date is within this one.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", verbose_name=_("legal entity")
    )
    report = models.CharField(_("report"), max_length=20)
    first_day = models.DateField(_("first day"))
    months = models.PositiveSmallIntegerField(_("months"))
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = models.CharField(_("filed by"), max_length=254)
    last_document = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("last document"), help_text=_("The newest of the company's at that time."),
    )  # fmt: skip
    figures = models.JSONField(_("figures"))
    files = models.JSONField(_("files"), help_text=_("By name, as they could be downloaded."))

    class Meta:
        verbose_name = _("filed return")
        verbose_name_plural = _("filed returns")
        ordering: ClassVar = ["-first_day", "report", "-months", "legal_entity"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["legal_entity", "report", "first_day", "months"],
                name="filed_return_once",
            ),
            models.CheckConstraint(
                condition=models.Q(months__in=[1, 3, 12]), name="filed_return_of_whole_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.first_day}"
