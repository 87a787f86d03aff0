from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import TaxCategory
from markets.models.codes import country_code, currency_code
from markets.models.dated import Dated
from markets.ranges import DateRange, never_overlaps


class TaxRate(Dated):
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
    adds_to_country = models.BooleanField(
        _("on top of the country's"),
        default=False,
        help_text=_("A region's own tax beside the country's, as a provincial one beside GST."),
    )

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
            models.CheckConstraint(
                condition=models.Q(adds_to_country=False) | ~models.Q(region=""),
                name="tax_rate_region_adds",
            ),
        ]

    def __str__(self) -> str:
        place = f"{self.country}{self.region and '-' + self.region}"
        return f"{place} {self.category_id} {Decimal(self.percent).normalize():f} %"

    def clean(self) -> None:
        super().clean()
        if self.percent is not None and not 0 <= self.percent < 100:
            raise ValidationError({"percent": _("A rate is from 0 to below 100 %.")})
        if self.adds_to_country and not self.region:
            raise ValidationError({"region": _("Only a region's tax is on top of a country's.")})


class LegalEntity(models.Model):  # type: ignore[django-manager-missing]  # the translated Market
    """Who sells: the company whose name and numbers stand on invoices and tax returns."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    address = models.TextField(_("address"), help_text=_("As on an invoice, line by line."))
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    tax_id = models.CharField(
        _("tax number"), max_length=30, blank=True, help_text=_("That of its own country.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    invoice_prefix = models.CharField(
        _("invoice prefix"),
        max_length=10,
        unique=True,
        # Credit notes put a dash after it: with one inside, two companies' numbers could meet.
        validators=[RegexValidator(r"^[0-9A-Za-z]+\Z", _("Write letters and digits alone."))],
        help_text=_("Begins each invoice number of this company."),
    )
    area_turnover = models.DecimalField(
        _("sales across EU borders"),
        max_digits=14,
        decimal_places=2,
        null=True,
        editable=False,
        help_text=_(
            "To consumers, without tax, this year or the last, whichever is more; in the "
            "currency of the One-Stop Shop's threshold."
        ),
    )

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Scheme(models.TextChoices):
    """Ways in which a seller declares tax somewhere."""

    DOMESTIC = "domestic", _("domestic VAT or GST")
    UNION_OSS = "union_oss", _("EU One-Stop Shop (Union scheme)")
    IOSS = "ioss", _("EU Import One-Stop Shop")
    UK_IMPORT = "uk_import", _("UK low-value consignments")
    CH_MAIL_ORDER = "ch_mail_order", _("Swiss mail order")
    NO_VOEC = "no_voec", _("Norwegian VOEC")
    AU_VENDOR = "au_vendor", _("Australian vendor registration")
    SALES_TAX = "sales_tax", _("US sales tax")
    GST = "gst", _("Canadian GST/HST")
    PST = "pst", _("provincial sales tax")


class TaxRegistration(Dated):
    """Where and under which scheme a legal entity collects tax, from a day to a day."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="registrations", verbose_name=_("legal entity")
    )
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(_("region"), max_length=10, blank=True)
    scheme = models.CharField(_("scheme"), max_length=20, choices=Scheme.choices)
    number = models.CharField(_("number"), max_length=40, blank=True)
    is_voluntary = models.BooleanField(
        _("below the threshold too"),
        default=True,
        help_text=_("Else the scheme is used only once its threshold is passed."),
    )

    class Meta:
        verbose_name = _("tax registration")
        verbose_name_plural = _("tax registrations")
        ordering: ClassVar = ["legal_entity", "country", "region", "scheme", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "tax_registration_one_in_force",
                of=DateRange,
                per=("legal_entity", "country", "region", "scheme"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country}{self.region and '-' + self.region} {self.get_scheme_display()}"


class TaxPlaceRule(Dated):
    """How a place taxes, beside its rates; a region's row stands in place of its country's."""

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(_("region"), max_length=10, blank=True)
    area = models.CharField(
        _("tax area"),
        max_length=10,
        blank=True,
        help_text=_("Countries with common rules for sales among them: EU. Empty stands alone."),
    )
    domestic_with = models.CharField(
        _("domestic with"),
        max_length=2,
        blank=True,
        validators=[country_code],
        help_text=_("Sales from that country count as its own: GB for Northern Ireland (XI)."),
    )
    is_sales_tax = models.BooleanField(
        _("collected only where registered"),
        default=False,
        help_text=_("As sales tax in the United States: without a registration nothing is taken."),
    )
    shipping_taxable = models.BooleanField(_("delivery is taxed"), default=True)
    shipping_follows_goods = models.BooleanField(
        _("delivery follows the goods"),
        default=True,
        help_text=_("Taxed by the mix of the goods' rates; else at the standard rate."),
    )
    origin_based = models.BooleanField(
        _("taxed where it is sent from"),
        default=False,
        help_text=_("For sales within the same state."),
    )
    reverse_charge = models.BooleanField(
        _("businesses account for import schemes"),
        default=False,
        help_text=_("A buyer with a valid number of the country pays the tax itself."),
    )

    class Meta:
        verbose_name = _("tax rule of a place")
        verbose_name_plural = _("tax rules of places")
        ordering: ClassVar = ["country", "region", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps("tax_place_one_in_force", of=DateRange, per=("country", "region")),
        ]

    def __str__(self) -> str:
        return f"{self.country}{self.region and '-' + self.region}"


class TaxThreshold(Dated):
    """An amount that a scheme or a registration begins or ends at.

    A limit per consignment or item includes its amount; turnover has to pass it.
    """

    class Rule(models.TextChoices):
        AMOUNT = "amount", _("the amount alone")
        EITHER = "either", _("amount or transactions")
        BOTH = "both", _("amount and transactions")

    class Period(models.TextChoices):
        CONSIGNMENT = "consignment", _("one consignment")
        ITEM = "item", _("one item")
        CALENDAR_YEAR = "calendar_year", _("this calendar year")
        PREVIOUS_YEAR = "previous_year", _("the calendar year before")
        CURRENT_OR_PREVIOUS_YEAR = "current_or_previous_year", _("this calendar year or the last")
        ROLLING_12_MONTHS = "rolling_12_months", _("the last twelve months")

    scheme = models.CharField(_("scheme"), max_length=20, choices=Scheme.choices)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[country_code],
        help_text=_("Empty where the scheme has one threshold for all its countries."),
    )
    region = models.CharField(_("region"), max_length=10, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    transactions = models.PositiveIntegerField(_("transactions"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices, default=Rule.AMOUNT)
    period = models.CharField(_("measured over"), max_length=30, choices=Period.choices)

    class Meta:
        verbose_name = _("tax threshold")
        verbose_name_plural = _("tax thresholds")
        ordering: ClassVar = ["scheme", "country", "region", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "tax_threshold_one_in_force",
                of=DateRange,
                per=("scheme", "country", "region", "period"),
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0)
                & (models.Q(rule="amount") | models.Q(transactions__isnull=False)),
                name="tax_threshold_sensible",
            ),
        ]

    def __str__(self) -> str:
        place = f"{self.country}{self.region and '-' + self.region}"
        return f"{self.get_scheme_display()} {place} {self.amount} {self.currency}"

    def clean(self) -> None:
        super().clean()
        if self.amount is not None and self.amount < 0:
            raise ValidationError({"amount": _("An amount is 0 or more.")})
        if self.rule != self.Rule.AMOUNT and self.transactions is None:
            raise ValidationError({"transactions": _("The rule counts transactions: how many?")})


_postal_start = RegexValidator(
    r"^[0-9A-Z]*\Z", _("Write it in capitals and digits, without spaces.")
)


class SpecialTerritory(Dated):
    """A part of a country, by postal code, that is taxed as another or as none."""

    OUTSIDE = "outside"

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    postal_from = models.CharField(
        _("postal code from"),
        max_length=10,
        blank=True,
        validators=[_postal_start],
        help_text=_(
            "A postal code's beginning, without spaces: 35 is all that begin so, BT is Northern "
            "Ireland. Empty is the whole country."
        ),
    )
    postal_to = models.CharField(
        _("postal code to"),
        max_length=10,
        blank=True,
        validators=[_postal_start],
        help_text=_("Empty is “from” alone."),
    )
    name = models.CharField(_("name"), max_length=80)
    treated_as = models.CharField(
        _("taxed as"),
        max_length=10,
        validators=[
            RegexValidator(r"^([A-Z]{2}|outside)\Z", _("Write a country's code, or “outside”."))
        ],
        help_text=_("A country's code, or “outside” for no tax of the country."),
    )

    class Meta:
        verbose_name = _("special territory")
        verbose_name_plural = _("special territories")
        ordering: ClassVar = ["country", "postal_from", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "special_territory_one_in_force", of=DateRange, per=("country", "postal_from")
            ),
            models.CheckConstraint(
                condition=models.Q(postal_to="") | ~models.Q(postal_from=""),
                name="special_territory_sensible",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.postal_to and not self.postal_from:
            raise ValidationError({"postal_from": _("Where do the postal codes begin?")})


class CategoryRule(Dated):
    """What a place leaves untaxed of a class of goods, by the price of one item."""

    class Kind(models.TextChoices):
        EXEMPT = "exempt", _("exempt")
        EXEMPT_BELOW = "exempt_below", _("exempt below the amount")
        EXEMPT_UP_TO = "exempt_up_to", _("exempt up to the amount")
        ABOVE_ONLY = "above_only", _("taxed on what is above the amount")

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(_("region"), max_length=10, blank=True)
    category = models.ForeignKey(TaxCategory, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[currency_code])

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        ordering: ClassVar = ["country", "region", "category", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "category_rule_one_in_force",
                of=DateRange,
                per=("country", "region", "category"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="exempt")
                | (models.Q(amount__isnull=False, amount__gt=0) & ~models.Q(currency="")),
                name="category_rule_sensible",
            ),
        ]

    def __str__(self) -> str:
        place = f"{self.country}{self.region and '-' + self.region}"
        return f"{place} {self.category_id}: {self.get_kind_display()}"

    def clean(self) -> None:
        super().clean()
        if self.kind == self.Kind.EXEMPT:
            return
        if self.amount is None or self.amount <= 0:
            raise ValidationError({"amount": _("This kind of exemption wants an amount.")})
        if not self.currency:
            raise ValidationError({"currency": _("An amount needs its currency.")})
