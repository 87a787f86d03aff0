"""What law says of selling a good in a country, as dated rows."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Hazard, Product, TaxCategory
from markets.models.codes import country_code
from markets.models.dated import Dated
from markets.ranges import DateRange, never_overlaps


class ProductRestriction(Dated):
    """Goods that may not be sold to a place, or only under a condition, from a day to a day.

    It is about the goods that fit everything that is filled in.
    """

    class Effect(models.TextChoices):
        BARRED = "barred", _("barred: never sent there")
        RESTRICTED = "restricted", _("restricted: sold with a notice")

    class Reason(models.TextChoices):
        LAW = "law", _("the law there")
        IMPORT_BAN = "import_ban", _("import ban")
        DANGEROUS = "dangerous", _("dangerous goods")
        PROTECTED = "protected", _("protected species")
        SANCTIONS = "sanctions", _("sanctions")
        AGREEMENT = "agreement", _("agreement with the maker")
        AGE = "age", _("adults only")
        PERMIT = "permit", _("permit needed")

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    region = models.CharField(
        _("region"),
        max_length=10,
        blank=True,
        help_text=_("The state's or province's code without the country; empty is all of it."),
    )
    product = models.ForeignKey(
        Product, models.CASCADE, verbose_name=_("product"), null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        verbose_name=_("category"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("With all below it."),
    )
    hs_prefix = models.CharField(
        _("HS code begins with"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^(\d{2,12})?\Z", _("Write 2 to 12 digits."))],
    )
    hazard = models.CharField(_("hazard"), max_length=20, choices=Hazard.choices, blank=True)
    effect = models.CharField(_("effect"), max_length=10, choices=Effect.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)

    class Meta:
        verbose_name = _("product restriction")
        verbose_name_plural = _("product restrictions")
        ordering: ClassVar = ["country", "region", "-valid_from", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(product__isnull=False)
                | models.Q(category__isnull=False)
                | ~models.Q(hs_prefix="")
                | ~models.Q(hazard=""),
                name="product_restriction_of_something",
                violation_error_message=_("Say which goods: product, category, HS code or hazard."),
            ),
            models.CheckConstraint(
                condition=models.Q(effect__in=["barred", "restricted"]),
                name="product_restriction_effect_known",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="product_restriction_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        region = f"-{self.region}" if self.region else ""
        return f"{self.country}{region} {self.get_effect_display()}"


class PublishingRule(Dated):
    """What a country wants every offer to say of a class of goods, from a day to a day.

    A row for a tax category goes before the row for all goods.
    """

    class Fact(models.TextChoices):
        SAFETY = "safety", _("safety facts")
        CONTENT = "content", _("content, for the unit price")

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    fact = models.CharField(_("what the offer says"), max_length=10, choices=Fact.choices)
    tax_category = models.ForeignKey(
        TaxCategory,
        models.PROTECT,
        verbose_name=_("tax category"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty is all goods."),
    )
    is_needed = models.BooleanField(
        _("needed"), default=True, help_text=_("Off takes a tax category out of the rule for all.")
    )
    area = models.CharField(
        _("economic area"),
        max_length=8,
        blank=True,
        help_text=_("Countries of one area share a responsible person. Empty: the law wants none."),
    )

    class Meta:
        verbose_name = _("publishing rule")
        verbose_name_plural = _("publishing rules")
        ordering: ClassVar = ["country", "fact", "tax_category", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "publishing_rule_one_in_force",
                of=DateRange,
                per=("country", "fact", Coalesce("tax_category", Value(""))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.get_fact_display()}"


class UnitPriceRule(Dated):
    """By how much of it a country wants goods of a measure priced, from a day to a day."""

    class Measure(models.TextChoices):
        MASS = "mass", _("mass, in g")
        VOLUME = "volume", _("volume, in ml")
        LENGTH = "length", _("length, in cm")
        AREA = "area", _("area, in m²")
        COUNT = "count", _("count, in pieces")

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices)
    per_amount = models.DecimalField(
        _("priced by"),
        max_digits=10,
        decimal_places=3,
        help_text=_("In the measure's unit: 1000 of mass is the price of a kilogram."),
    )
    content_to = models.DecimalField(
        _("for contents up to"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("In the measure's unit; empty is any content."),
    )

    class Meta:
        verbose_name = _("unit price rule")
        verbose_name_plural = _("unit price rules")
        ordering: ClassVar = ["country", "measure", "content_to", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "unit_price_rule_one_in_force",
                of=DateRange,
                per=(
                    "country",
                    "measure",
                    Coalesce("content_to", Value(-1, models.DecimalField())),
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(content_to__isnull=True) | models.Q(content_to__gt=0),
                    per_amount__gt=0,
                ),
                name="unit_price_rule_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.measure} / {self.per_amount.normalize():f}"
