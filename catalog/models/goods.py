from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.contents import ContentUnit, Hazard

# The managers of translated models are made when the app starts, where mypy's plugin cannot see
# them. It takes plain ones instead, which is what the annotations say and the ignores allow.

unicode_slug = RegexValidator(r"^[-\w]+\Z", _("Use letters, digits and hyphens only."))


class TaxCategory(models.Model):
    """A class of goods that law may tax apart: standard, food, books, …"""

    code = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("tax category")
        verbose_name_plural = _("tax categories")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):  # type: ignore[django-manager-missing]
    key = models.SlugField(
        _("key"), max_length=80, unique=True, help_text=_("Never changes; imports refer to it.")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(_("name"), max_length=120)
    slug = models.CharField(_("slug"), max_length=120, unique=True, validators=[unicode_slug])
    description = models.TextField(_("description"), blank=True)
    image = models.FileField(_("image"), upload_to="categories/", blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("shown in the shop"), default=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Category"]] = models.Manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "key"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="category_not_its_own_parent"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):  # type: ignore[django-manager-missing]
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        ARCHIVED = "archived", _("archived")

    key = models.CharField(
        _("key"),
        max_length=120,
        unique=True,
        validators=[unicode_slug],
        help_text=_("The handle that imports and exports refer to; never changes."),
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products"
    )
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=200)
    slug = models.CharField(_("slug"), max_length=200, unique=True, validators=[unicode_slug])
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    description = models.TextField(
        _("description"), blank=True, help_text=_("Paragraphs, lists, bold and links are kept.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Product"]] = models.Manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["key"]
        indexes: ClassVar = [models.Index(fields=["status", "category"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "archived"]),
                name="product_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Option(models.Model):  # type: ignore[django-manager-missing]
    """An axis on which variants of a product differ: colour, size."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)

    objects: ClassVar[models.Manager["Option"]] = models.Manager()

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    option = models.ForeignKey(Option, models.CASCADE, related_name="values")
    code = models.CharField(_("code"), max_length=80, validators=[unicode_slug])
    name = models.CharField(_("name"), max_length=80)
    swatch = models.CharField(
        _("swatch"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}\Z", _("Write a colour as #A8442A."))],
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["OptionValue"]] = models.Manager()

    class Meta:
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        ordering: ClassVar = ["option", "position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["option", "code"], name="option_value_once")
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):  # type: ignore[django-manager-missing]
    """What can be bought: one sku with its own stock, weight and customs data."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=64, unique=True)
    barcode = models.CharField(_("barcode"), max_length=32, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight, g"), default=0)
    length_mm = models.PositiveIntegerField(_("length, mm"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width, mm"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height, mm"), null=True, blank=True)
    hs_code = models.CharField(
        _("HS code"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^(\d{6,12})?\Z", _("Write 6 to 12 digits."))],
    )
    origin_country = models.CharField(
        _("country of origin"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^([A-Z]{2})?\Z", _("Write a two-letter country code."))],
    )
    customs_description = models.CharField(_("customs description"), max_length=120, blank=True)
    hazards = ArrayField(
        models.CharField(max_length=20, choices=Hazard.choices),
        verbose_name=_("hazards"),
        default=list,
        blank=True,
        help_text=_("What carriers and destinations may refuse it for."),
    )
    content_amount = models.DecimalField(
        _("content"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Without its packing, for the price of a kilogram, litre, …: 100 of 100 g."),
    )
    content_unit = models.CharField(
        _("unit of the content"), max_length=5, choices=ContentUnit.choices, blank=True
    )
    tax_category = models.ForeignKey(
        TaxCategory, models.PROTECT, default="standard", related_name="+"
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("for sale"), default=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering: ClassVar = ["product", "position", "sku"]
        indexes: ClassVar = [
            models.Index(
                fields=["barcode"], name="variant_barcode", condition=~models.Q(barcode="")
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(sku=""), name="variant_sku_not_empty"),
            models.CheckConstraint(
                condition=models.Q(content_amount__isnull=True, content_unit="")
                | (
                    models.Q(content_amount__isnull=False, content_amount__gt=0)
                    & ~models.Q(content_unit="")
                ),
                name="variant_content_amount_and_unit",
                violation_error_message=_("Content wants an amount and a unit, or neither."),
            ),
            models.CheckConstraint(
                condition=models.Q(hazards__contained_by=list(Hazard.values)),
                name="variant_hazards_known",
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class VariantOption(models.Model):
    """The value that a variant has on one axis."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="options")
    option = models.ForeignKey(Option, models.PROTECT, related_name="+")
    value = models.ForeignKey(OptionValue, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("variant option")
        verbose_name_plural = _("variant options")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "option"], name="variant_option_once")
        ]

    def __str__(self) -> str:
        return f"{self.option}: {self.value}"


class Attribute(models.Model):  # type: ignore[django-manager-missing]
    """A fact that products state: material, capacity, care."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects: ClassVar[models.Manager["Attribute"]] = models.Manager()

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class AttributeChoice(models.Model):
    attribute = models.ForeignKey(Attribute, models.CASCADE, related_name="choices")
    code = models.SlugField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["AttributeChoice"]] = models.Manager()

    class Meta:
        verbose_name = _("attribute choice")
        verbose_name_plural = _("attribute choices")
        ordering: ClassVar = ["attribute", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attribute", "code"], name="attribute_choice_once")
        ]

    def __str__(self) -> str:
        return self.name


class ProductAttribute(models.Model):
    """One fact of one product: a choice of the attribute's, or a text of its own."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="attributes")
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="+")
    choice = models.ForeignKey(
        AttributeChoice, models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.CharField(_("text"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("product attribute")
        verbose_name_plural = _("product attributes")
        ordering: ClassVar = ["attribute__position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "attribute"], name="attribute_once"),
            models.CheckConstraint(
                condition=models.Q(choice__isnull=True) ^ models.Q(text=""),
                name="attribute_choice_or_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.choice or self.text}"


class Media(models.Model):
    """A picture of a product, or of one of its variants."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="media")
    variant = models.ForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="media"
    )
    file = models.FileField(_("file"), upload_to="products/", blank=True)
    source_url = models.URLField(
        _("source address"), max_length=500, blank=True, help_text=_("Where an import found it.")
    )
    alt = models.CharField(_("alternative text"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects: ClassVar[models.Manager["Media"]] = models.Manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~(models.Q(file="") & models.Q(source_url="")),
                name="media_has_file_or_source",
            )
        ]

    def __str__(self) -> str:
        return self.alt or self.file.name or self.source_url


class SearchDocument(models.Model):
    """What the search knows of one product in one language."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="search_documents")
    language = models.CharField(max_length=10)
    vector = SearchVectorField()
    title = models.CharField(max_length=240, help_text=_("Lower-case and without accents."))
    source = models.CharField(
        max_length=32, help_text=_("Digest of the change stamps that the document was made from.")
    )
    indexed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "language"], name="search_document_once")
        ]
        indexes: ClassVar = [
            GinIndex(fields=["vector"], name="search_vector"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="search_title_trigram"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.language}"
