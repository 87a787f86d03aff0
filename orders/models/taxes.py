from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from markets.models import ExchangeRate, TaxRegistration
from orders.models.fields import amount_field
from orders.models.orders import Order, OrderCharge, OrderLine


class OrderTaxComponent(models.Model):
    """A part of a line or a charge, with the tax on it, the rule that made it and who gets it.

    Components of a line add up to the line, those of a charge to the charge, and all of them to
    the order: the database refuses an order's components that do not, and any change of them.
    What documents and returns to the state say is read from here, never computed again.
    """

    class Kind(models.TextChoices):
        GOODS = "goods", _("goods")
        SHIPPING = "shipping", _("delivery")
        DUTY = "duty", _("import duty")
        FEE = "fee", _("import fee")

    class Terms(models.TextChoices):
        DDP = "ddp", _("delivered duty paid")
        DAP = "dap", _("delivered at place")

    order = models.ForeignKey(Order, models.CASCADE, related_name="tax_components")
    line = models.ForeignKey(
        OrderLine, models.CASCADE, null=True, blank=True, related_name="tax_components"
    )
    charge = models.ForeignKey(
        OrderCharge, models.CASCADE, null=True, blank=True, related_name="tax_components"
    )
    goods_line = models.ForeignKey(
        OrderLine, models.CASCADE, null=True, blank=True, related_name="border_components",
        help_text=_("Whose goods a duty or fee was charged for: they may come back alone."),
    )  # fmt: skip
    parcel = models.PositiveSmallIntegerField(
        _("parcel"), null=True, blank=True, help_text=_("Counted from 0. Empty is the whole order.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(
        _("quantity"), default=0, help_text=_("Units of the goods in the parcel; 0 is no goods.")
    )
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    percent = models.DecimalField(_("tax, %"), max_digits=7, decimal_places=4, default=Decimal(0))
    tax_name = models.CharField(_("tax name"), max_length=80, blank=True)
    row = models.CharField(
        _("made by"), max_length=120, blank=True,
        help_text=_("The dated row that made it, such as taxrate:12."),
    )  # fmt: skip
    parts = models.JSONField(
        _("taxes"), default=list, blank=True, encoder=DjangoJSONEncoder,
        help_text=_("Several taxes on one component, such as GST beside PST."),
    )  # fmt: skip
    refundable = models.BooleanField(_("refundable"), default=True)
    regime = models.CharField(_("regime"), max_length=20, blank=True)
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=13, blank=True,
        help_text=_("Whose tax it is: a country, or a state as in US-NY."),
    )  # fmt: skip
    ship_from = models.CharField(_("sent from"), max_length=13, blank=True)
    registration = models.ForeignKey(
        TaxRegistration, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hs_code = models.CharField(_("HS code"), max_length=12, blank=True)
    origin = models.CharField(_("country of origin"), max_length=2, blank=True)
    terms = models.CharField(_("terms"), max_length=3, choices=Terms.choices, blank=True)
    exchange_rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The rate that customs values and fixed amounts were converted by."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("tax component")
        verbose_name_plural = _("tax components")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="tax_component_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(net__gte=0, tax__gte=0), name="tax_component_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(line__isnull=False, charge__isnull=True, kind="goods")
                | models.Q(
                    line__isnull=True, charge__isnull=False, kind__in=["shipping", "duty", "fee"]
                ),
                name="tax_component_of_line_or_charge",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.kind


class CarrierCharge(models.Model):
    """What a carrier asked for an order's way through customs, beside what was estimated.

    The order's own amounts never change by it. Append-only: a correction is a row of its own.
    """

    class Kind(models.TextChoices):
        DUTY = "duty", _("import duty")
        TAX = "tax", _("import tax")
        FEE = "fee", _("fees")

    order = models.ForeignKey(Order, models.PROTECT, related_name="carrier_charges")
    parcel = models.PositiveSmallIntegerField(_("parcel"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    estimated = models.DecimalField(
        _("estimated"), max_digits=14, decimal_places=3,
        help_text=_("What the order was quoted of this kind, in its currency."),
    )  # fmt: skip
    amount = models.DecimalField(
        _("charged"), max_digits=14, decimal_places=3,
        help_text=_("In the order's currency; below zero corrects an earlier row."),
    )  # fmt: skip
    reference = models.CharField(_("carrier's invoice"), max_length=80)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("carrier's charge")
        verbose_name_plural = _("carrier's charges")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "parcel", "kind", "reference"],
                nulls_distinct=False,
                name="carrier_charge_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.kind} {self.amount}"
