from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from markets.models.codes import currency_code


class RateProblem(models.TextChoices):
    """What is held against a quote, or against a feed."""

    INVALID = "invalid", _("no positive number")
    UNKNOWN = "unknown", _("unknown currency")
    FUTURE = "future", _("of a day to come")
    OLDER = "older", _("older than the last")
    JUMP = "jump", _("jump beyond the band")
    CHANGED = "changed", _("second value for a day")
    MISSING = "missing", _("no longer quoted")
    STALE = "stale", _("too old")
    FEED = "feed", _("feed failed")


class ExchangeRate(models.Model):
    """One provider's quote of a day: units of `quote` per one unit of `base`.

    Every quote is kept as it came. Only accepted ones are used, and what a row says of the rate
    is never changed; the database refuses it.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        QUARANTINED = "quarantined", _("quarantined")
        REJECTED = "rejected", _("rejected")

    provider = models.CharField(_("provider"), max_length=20)
    base = models.CharField(_("base"), max_length=3, validators=[currency_code])
    quote = models.CharField(_("quote"), max_length=3, validators=[currency_code])
    rate = models.DecimalField(
        pgettext_lazy("currency", "rate"),
        max_digits=18,
        decimal_places=8,
        help_text=_("0 where what was given is no number that can be kept."),
    )
    given = models.CharField(_("as given"), max_length=40, blank=True)
    as_of = models.DateField(_("day"))
    last_day = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_("Of a rate set by hand: the last day on which it counts."),
    )
    fetched_at = models.DateTimeField(_("fetched at"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.ACCEPTED
    )
    problem = models.CharField(_("problem"), max_length=10, choices=RateProblem.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    replaced_at = models.DateTimeField(
        _("replaced at"),
        null=True,
        blank=True,
        help_text=_("When another quote of the same day was accepted in its place."),
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar = ["-as_of", "provider", "quote"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "base", "quote", "as_of"],
                condition=models.Q(status="accepted", replaced_at__isnull=True),
                name="exchange_rate_one_accepted_a_day",
            ),
            # A feed that is asked again says nothing new.
            models.UniqueConstraint(
                fields=["provider", "base", "quote", "as_of", "given"],
                condition=~models.Q(provider="manual"),
                name="exchange_rate_kept_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="accepted") | models.Q(rate__gt=0),
                name="exchange_rate_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(base=models.F("quote")) | ~models.Q(status="accepted"),
                name="exchange_rate_two_currencies",
            ),
            models.CheckConstraint(
                condition=~models.Q(provider="manual")
                | (
                    ~models.Q(reason="")
                    & models.Q(last_day__isnull=False, last_day__gte=models.F("as_of"))
                ),
                name="exchange_rate_manual_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["provider", "quote", "-as_of"],
                name="exchange_rate_latest",
                condition=models.Q(status="accepted"),
            ),
            models.Index(
                fields=["-as_of"],
                name="exchange_rate_quarantined",
                condition=models.Q(status="quarantined"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.rate} ({self.provider}, {self.as_of})"


class RateAlarm(models.Model):
    """Something is wrong with a provider or a currency: open until it is mended or decided."""

    kind = models.CharField(_("kind"), max_length=10, choices=RateProblem.choices)
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    raised_at = models.DateTimeField(_("raised at"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("cleared by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("rate alarm")
        verbose_name_plural = _("rate alarms")
        ordering: ClassVar = [models.F("cleared_at").desc(nulls_first=True), "-raised_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "provider", "currency"],
                condition=models.Q(cleared_at__isnull=True),
                name="rate_alarm_one_open",
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.get_kind_display(), self.provider, self.currency)))
