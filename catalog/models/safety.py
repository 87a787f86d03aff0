from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.goods import Product

_country = RegexValidator(r"^[A-Z]{2}\Z", _("Write a two-letter country code."))


class SafetyContact(models.Model):
    """Somebody who answers for a product: name, postal address and electronic address."""

    name = models.CharField(_("name or trade mark"), max_length=120, unique=True)
    address = models.TextField(
        _("postal address"), max_length=400, help_text=_("Without the country, line by line.")
    )
    country = models.CharField(_("country"), max_length=2, validators=[_country])
    email = models.EmailField(_("e-mail address"), blank=True)
    website = models.URLField(_("website"), blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def electronic_address(self) -> str:
        return self.email or self.website


def _is_complete(name: str) -> models.CheckConstraint:
    """Build the constraint that a contact has what the law wants of it."""
    blank = models.Q(name="") | models.Q(address="") | models.Q(country="")
    return models.CheckConstraint(
        condition=~blank & ~models.Q(email="", website=""),
        name=name,
        violation_error_message=_("Write an e-mail address or a website beside the address."),
    )


class Manufacturer(SafetyContact):  # type: ignore[django-manager-missing]
    """Who made a product, as it is named on it."""

    class Meta(SafetyContact.Meta):
        verbose_name = _("manufacturer")
        verbose_name_plural = _("manufacturers")
        constraints: ClassVar = [_is_complete("manufacturer_complete")]


class ResponsiblePerson(SafetyContact):
    """Who answers to the authorities of an economic area for what was made outside of it."""

    class Meta(SafetyContact.Meta):
        verbose_name = _("responsible person")
        verbose_name_plural = _("responsible persons")
        constraints: ClassVar = [_is_complete("responsible_person_complete")]


class ProductSafety(models.Model):
    """What an offer has to say of a product's safety.

    Warnings are kept by language; a product that needs none says so, so that a forgotten one is
    told from one that is not needed.
    """

    product = models.OneToOneField(Product, models.CASCADE, related_name="safety")
    manufacturer = models.ForeignKey(Manufacturer, models.PROTECT, related_name="products")
    responsible_persons = models.ManyToManyField(
        ResponsiblePerson,
        verbose_name=_("responsible persons"),
        related_name="products",
        blank=True,
        help_text=_("One for each economic area that the manufacturer is outside of."),
    )
    model = models.CharField(
        _("type or batch"),
        max_length=80,
        blank=True,
        help_text=_("As on the product, where its article number alone does not tell it."),
    )
    warnings = models.TextField(
        _("warnings"), blank=True, help_text=_("Line by line, as the law of the market words them.")
    )
    needs_no_warnings = models.BooleanField(_("needs no warnings"), default=False)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["ProductSafety"]] = models.Manager()

    class Meta:
        verbose_name = _("product safety")
        verbose_name_plural = _("product safety")

    def __str__(self) -> str:
        return str(self.product)
