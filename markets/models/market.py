from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.market_endings import build_ending
from markets.models.codes import country_code, currency_code
from markets.models.taxes import LegalEntity
from markets.price_endings import PriceEnding


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone."), params={"name": name})


class Market(models.Model):  # type: ignore[django-manager-missing]  # a translated MoneyField's
    """How a group of countries is sold to: languages, currency, prices, tax display."""

    code = models.SlugField(_("code"), max_length=8, unique=True, help_text=_("In every address."))
    name = models.CharField(_("name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[known_time_zone])
    prices_include_tax = models.BooleanField(
        _("prices include tax"), help_text=_("Shown with tax inside, as the market's law wants.")
    )
    tax_rounding = models.CharField(
        _("tax rounding"),
        max_length=10,
        choices=[
            ("line", _("per line")),
            ("rate_group", _("once per rate")),
            ("unit", _("per unit")),
        ],
        default="line",
    )
    tax_mode = models.CharField(
        _("prices abroad"),
        max_length=15,
        choices=[
            ("gross_fixed", _("the same with tax everywhere")),
            ("net_fixed", _("the same without tax everywhere")),
        ],
        default="gross_fixed",
        db_default="gross_fixed",
        help_text=_(
            "Where prices include tax: keep what is shown, or take out the tax of the market's "
            "first country and add that of the destination."
        ),
    )
    legal_entity = models.ForeignKey(
        LegalEntity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="markets",
        verbose_name=_("legal entity"),
        help_text=_("Who sells. Without one, tax is taken as if it were registered everywhere."),
    )
    fx_margin = models.DecimalField(
        _("FX margin"),
        max_digits=6,
        decimal_places=4,
        default=Decimal(0),
        help_text=_("0.02 adds 2 % to each converted price."),
    )
    price_adjustment = models.DecimalField(
        _("price adjustment"),
        max_digits=6,
        decimal_places=4,
        default=Decimal(0),
        help_text=_("0.10 sets the market 10 % above the base price."),
    )
    ending_step = models.DecimalField(
        _("ending step"), max_digits=10, decimal_places=3, default=Decimal(1)
    )
    endings = models.CharField(
        _("price endings"),
        max_length=80,
        default="0.99",
        blank=True,
        help_text=_("Within each step, parted by spaces: 0.99 0.49. Empty only rounds."),
    )
    ending_grid = models.DecimalField(
        _("ending grid"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("What prices below one step are rounded to: 0.05 for Swiss francs."),
    )
    avoid_digits = models.CharField(_("digits to avoid"), max_length=10, blank=True)
    hold_up = models.DecimalField(
        _("hold band, up"),
        max_digits=6,
        decimal_places=4,
        default=Decimal("0.02"),
        help_text=_("Rates have to lift a price by so much before it follows: 0.02 is 2 %."),
    )
    hold_down = models.DecimalField(
        _("hold band, down"), max_digits=6, decimal_places=4, default=Decimal("0.03")
    )
    dwell_days = models.PositiveSmallIntegerField(
        _("dwell time, days"),
        default=7,
        help_text=_("How long a price stays at least before it follows rates again."),
    )
    step_limit = models.DecimalField(
        _("step limit"),
        max_digits=6,
        decimal_places=4,
        default=Decimal("0.08"),
        null=True,
        blank=True,
        help_text=_("Rates move a price by no more than this at a time. Empty is no limit."),
    )
    approval_limit = models.DecimalField(
        _("approval limit"),
        max_digits=6,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Larger changes wait for your approval. Empty lets all pass."),
    )
    minimum_margin = models.DecimalField(
        _("minimum margin"),
        max_digits=6,
        decimal_places=4,
        default=Decimal(0),
        null=True,
        blank=True,
        help_text=_(
            "0.25 keeps derived prices 25 % above cost. Where prices include tax, leave room for "
            "it. Empty sets no floor."
        ),
    )
    freeze_until = models.DateTimeField(
        _("frozen until"),
        null=True,
        blank=True,
        help_text=_("Derived prices stay as they are, for a promotion or the holidays."),
    )
    lowest_price_days = models.PositiveSmallIntegerField(
        _("days of the lowest price"),
        default=0,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "A reduction is announced with the lowest price of so many days before it: 30 in the "
            "European Union. 0 announces none."
        ),
    )
    price_lock_minutes = models.PositiveSmallIntegerField(
        _("price lock, minutes"),
        default=30,
        db_default=30,
        validators=[MaxValueValidator(1440)],
        help_text=_("How long prices and rates stay as they were when checkout began. 0 is never."),
    )
    return_days = models.PositiveSmallIntegerField(
        _("days to return"),
        default=14,
        help_text=_("Counted from the day on which the last parcel of an order arrives."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Market"]] = models.Manager()

    class Meta:
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            # What other tables' (market, currency) keys point to.
            models.UniqueConstraint(fields=["id", "currency"], name="market_currency_key"),
            models.CheckConstraint(
                condition=models.Q(fx_margin__gt=-1, price_adjustment__gt=-1),
                name="market_factors_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(ending_step__gt=0), name="market_ending_step_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(step_limit__isnull=True)
                    | models.Q(step_limit__gt=0, step_limit__lt=1),
                    models.Q(approval_limit__isnull=True) | models.Q(approval_limit__gte=0),
                    models.Q(minimum_margin__isnull=True) | models.Q(minimum_margin__gt=-1),
                    hold_up__gte=0,
                    hold_down__gte=0,
                    hold_down__lt=1,
                ),
                name="market_brakes_sensible",
            ),
            models.CheckConstraint(
                condition=models.Q(price_lock_minutes__lte=1440), name="market_price_lock_sensible"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def price_ending(self) -> PriceEnding | None:
        """The endings of prices; raises ValidationError where the fields make none."""
        return build_ending(
            self.endings,
            step=self.ending_step,
            grid=self.ending_grid,
            avoid_digits=self.avoid_digits,
            currency=self.currency,
        )

    def clean(self) -> None:
        problems: dict[str, Any] = {}
        if self.ending_step is not None and self.ending_step > 0:
            try:
                _ending = self.price_ending
            except ValidationError as error:
                problems["endings"] = error
        is_changed = Market.objects.filter(pk=self.pk).exclude(currency=self.currency).exists()
        if is_changed and self.prices.exists():
            problems["currency"] = _("The market has prices, so its currency is settled.")
        if problems:
            raise ValidationError(problems)


class MarketLanguage(models.Model):
    """A language that a market is shown in; the first is its default."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="languages")
    language = models.CharField(_("language"), max_length=10)
    locale = models.CharField(
        _("locale"),
        max_length=20,
        help_text=_("Formats of numbers and dates, such as de_CH."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("market language")
        verbose_name_plural = _("market languages")
        ordering: ClassVar = ["market", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["market", "language"], name="market_language_once")
        ]

    def __str__(self) -> str:
        return f"{self.market.code}-{self.language}"


class MarketCountry(models.Model):
    """A country that a market ships to; the first is its default. No country has two markets."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="countries")
    country = models.CharField(_("country"), max_length=2, unique=True, validators=[country_code])
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("market country")
        verbose_name_plural = _("market countries")
        ordering: ClassVar = ["market", "position", "country"]

    def __str__(self) -> str:
        return self.country
