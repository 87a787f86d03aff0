from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxIdCheck(models.Model):
    """What a register answered when it was asked for a VAT id: the evidence of an order.

    A row is never changed; the database refuses it. Rows that no order holds are deleted after
    two days, because the names in them are people's, too.
    """

    class Kind(models.TextChoices):
        EU_VAT = "eu_vat", _("VAT id of the EU")
        GB_VAT = "gb_vat", _("VAT number of the United Kingdom")

    class Outcome(models.TextChoices):
        VALID = "valid", _("valid")
        INVALID = "invalid", _("invalid")
        UNAVAILABLE = "unavailable", _("could not be checked")

    number = models.CharField(_("VAT id"), max_length=20, help_text=_("With its prefix."))
    country = models.CharField(
        _("country"), max_length=2, help_text=_("As in the id: EL is Greece, XI Northern Ireland.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    reason = models.CharField(
        _("reason"), max_length=60, blank=True, help_text=_("The register's code of an error.")
    )
    name = models.CharField(_("name"), max_length=300, blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    requester = models.CharField(
        _("asked by"), max_length=20, blank=True, help_text=_("The VAT id we asked with.")
    )
    consultation_number = models.CharField(_("consultation number"), max_length=60, blank=True)
    checked_at = models.DateTimeField(_("checked at"))
    source = models.CharField(_("source"), max_length=20)

    class Meta:
        verbose_name = _("VAT id check")
        verbose_name_plural = _("VAT id checks")
        ordering: ClassVar = ["-checked_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["number", "-checked_at"], name="tax_id_check_latest"),
            models.Index(fields=["checked_at"], name="tax_id_check_age"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(number="") & ~models.Q(country=""), name="tax_id_check_named"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["valid", "invalid", "unavailable"]),
                name="tax_id_check_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"
