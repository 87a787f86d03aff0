"""Invoices and credit notes: numbered without a gap, copied from the order, never changed."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.models import LegalEntity, TaxRegistration
from orders.models.fields import amount_field
from orders.models.orders import Order, OrderCharge, OrderLine
from orders.models.taxes import OrderTaxComponent


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


class InvoiceSeries(models.Model):
    """The numbers of one company's documents of one kind in one year.

    `last_number` is raised in the transaction that writes the document: the database refuses
    a number without its document, and so a gap.
    """

    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind.choices)
    last_number = models.PositiveIntegerField(_("last number"))

    class Meta:
        verbose_name = _("invoice series")
        verbose_name_plural = _("invoice series")
        ordering: ClassVar = ["legal_entity", "year", "kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["legal_entity", "year", "kind"], name="invoice_series_once"
            ),
            models.CheckConstraint(
                condition=models.Q(last_number__gte=1), name="invoice_series_starts_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_entity_id} {self.year} {self.kind}"


class Invoice(models.Model):
    """An invoice or a credit note as it was issued: the database refuses every change.

    Amounts are in `currency` and never negative: what a credit note says is taken back is told
    by its kind.
    """

    Kind = InvoiceKind

    series = models.ForeignKey(InvoiceSeries, models.PROTECT, related_name="invoices")
    number = models.PositiveIntegerField(_("number in its series"))
    reference = models.CharField(
        _("number"), max_length=40, unique=True, help_text=_("As it stands on the document.")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind.choices)
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes",
        verbose_name=_("corrects"),
    )  # fmt: skip
    operation_key = models.CharField(
        max_length=80, unique=True, help_text=_("What the document was issued for, once.")
    )
    language = models.CharField(_("language"), max_length=10)
    locale = models.CharField(_("locale"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    prices_include_tax = models.BooleanField(_("prices include tax"))
    seller = models.JSONField(_("seller"), encoder=DjangoJSONEncoder)
    buyer = models.JSONField(_("buyer"), encoder=DjangoJSONEncoder)
    issued_at = models.DateTimeField(_("issued at"))
    issued_on = models.DateField(_("date"), help_text=_("In the market's time zone."))
    supplied_on = models.DateField(_("date of supply"))
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    tax_currency = models.CharField(
        _("currency of the tax authority"), max_length=3, blank=True,
        help_text=_("Where it is another one and a rate was at hand."),
    )  # fmt: skip
    tax_rate = models.DecimalField(
        _("exchange rate"), max_digits=20, decimal_places=10, null=True, blank=True,
        help_text=_("Units of that currency for one of the invoice's."),
    )  # fmt: skip
    tax_rate_source = models.CharField(_("source of the rate"), max_length=80, blank=True)
    tax_converted = models.DecimalField(
        _("tax in that currency"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    notes = models.JSONField(
        _("notes"), default=list, help_text=_("Code and text, in the document's language.")
    )

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-issued_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["kind", "issued_on"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "number"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(kind="invoice"), name="invoice_once_per_order"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="invoice", corrects__isnull=True)
                | models.Q(kind="credit_note", corrects__isnull=False),
                name="credit_note_corrects_an_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="invoice_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(net__gte=0, tax__gte=0), name="invoice_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    tax_currency="", tax_rate__isnull=True, tax_converted__isnull=True
                )
                | (~models.Q(tax_currency="") & models.Q(tax_rate__gt=0, tax_converted__gte=0)),
                name="invoice_tax_converted_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE


class InvoiceLine(models.Model):
    """A part of a document: one tax component of the order, or what is credited of it.

    `unit_price` and `discount` are as the shopper was shown them, and empty where they do not
    lead to the line's amount.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(_("position"))
    component = models.ForeignKey(OrderTaxComponent, models.PROTECT, related_name="invoice_lines")
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, blank=True, related_name="invoice_lines"
    )
    charge = models.ForeignKey(
        OrderCharge, models.PROTECT, null=True, blank=True, related_name="invoice_lines"
    )
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by",
        help_text=_("The invoice's line of which this gives back a part."),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=20)
    label = models.CharField(_("label"), max_length=400)
    sku = models.CharField("SKU", max_length=64, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    discount = models.DecimalField(
        _("discount"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    percent = models.DecimalField(_("tax, %"), max_digits=7, decimal_places=4)
    tax_name = models.CharField(_("tax name"), max_length=80, blank=True)
    parts = models.JSONField(
        _("taxes"), default=list, blank=True, encoder=DjangoJSONEncoder,
        help_text=_("Several taxes on one line, such as GST beside PST."),
    )  # fmt: skip
    regime = models.CharField(_("regime"), max_length=20, blank=True)
    jurisdiction = models.CharField(
        _("taxed in"), max_length=16, blank=True, help_text=_("DE, or US-NY.")
    )
    registration = models.ForeignKey(
        TaxRegistration, models.PROTECT, null=True, blank=True, related_name="+"
    )
    terms = models.CharField(_("terms"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering: ClassVar = ["invoice", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_position_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="invoice_line_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(net__gte=0, tax__gte=0), name="invoice_line_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(order_line__isnull=False, charge__isnull=True)
                | models.Q(order_line__isnull=True, charge__isnull=False),
                name="invoice_line_of_line_or_charge",
            ),
        ]

    def __str__(self) -> str:
        return self.label
