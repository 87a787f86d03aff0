from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField
from djmoney.models.validators import MinMoneyValidator

from catalog.models import TaxCategory, Variant
from markets.market_endings import build_ending
from markets.price_endings import PriceEnding
from markets.ranges import DateRange, never_overlaps

country_code = RegexValidator(r"^[A-Z]{2}\Z", _("Write a two-letter country code."))
currency_code = RegexValidator(r"^[A-Z]{3}\Z", _("Write a three-letter currency code."))


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
        choices=[("line", _("per line")), ("rate_group", _("once per rate"))],
        default="line",
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
        if self.pk and self.prices.exclude(amount_currency=self.currency).exists():
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


class ExchangeRate(models.Model):
    """One provider's quote of a day: units of `quote` per one unit of `base`. Never changed."""

    provider = models.CharField(_("provider"), max_length=20)
    base = models.CharField(_("base"), max_length=3, validators=[currency_code])
    quote = models.CharField(_("quote"), max_length=3, validators=[currency_code])
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    as_of = models.DateField(_("day"))
    fetched_at = models.DateTimeField(_("fetched at"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar = ["-as_of", "provider", "quote"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "base", "quote", "as_of"], name="exchange_rate_once_a_day"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(
                condition=~models.Q(base=models.F("quote")), name="exchange_rate_two_currencies"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.rate} ({self.provider}, {self.as_of})"


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


class Price(models.Model):
    """What a variant costs in a market, from a moment to a moment: the price and its history.

    At any moment one row at most is in force for a variant and market; `kind` says where it
    comes from. The amount is what is shown: with tax inside where the market's prices are.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", _("set by hand")
        DERIVED = "derived", _("derived")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices")
    market = models.ForeignKey(Market, models.PROTECT, related_name="prices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = MoneyField(_("amount"), max_digits=14, decimal_places=3, default_currency=None)
    base_price = models.ForeignKey(
        BasePrice, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The quote that brought the base currency into the market's."),
    )  # fmt: skip
    conversion = models.DecimalField(
        _("conversion"),
        max_digits=18,
        decimal_places=8,
        null=True,
        blank=True,
        help_text=_("Market currency per unit of base currency, before margin and adjustment."),
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Price"]] = models.Manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering: ClassVar = ["variant", "market", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps("price_one_in_force", per=("variant", "market")),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="price_positive"),
            models.CheckConstraint(
                condition=models.Q(kind="manual") | models.Q(conversion__isnull=False),
                name="price_derived_has_conversion",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["market", "variant"],
                name="price_current",
                include=["amount"],
                condition=models.Q(valid_to__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.market_id}: {self.amount}"


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
