from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from markets.landed_cost.factors import BadFactors, read_factors
from markets.landed_cost.terms import Basis, DutyKind, FeePer, Formula
from markets.models.codes import country_code, currency_code
from markets.models.dated import Dated
from markets.models.market import Market
from markets.ranges import DateRange, never_overlaps

hs_prefix = RegexValidator(r"^(\d{2,12})?\Z", _("Write 2 to 12 digits, or none for all goods."))
hs_prefixes = RegexValidator(
    r"^(\d{2,12}( \d{2,12})*)?\Z", _("Write HS codes of 2 to 12 digits, parted by spaces.")
)
country_codes = RegexValidator(
    r"^([A-Z]{2}( [A-Z]{2})*)?\Z", _("Write two-letter country codes, parted by spaces.")
)
_POSITIVE = MinValueValidator(Decimal(0))


def _money(verbose_name: Any, **fields: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        verbose_name, max_digits=12, decimal_places=3, validators=[_POSITIVE], **fields
    )


class HsCode(models.Model):
    """A heading of the Harmonized System, two, four or six digits long."""

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    description = models.TextField(_("description"))
    level = models.PositiveSmallIntegerField(
        _("level"), choices=[(2, _("chapter")), (4, _("heading")), (6, _("subheading"))]
    )

    class Meta:
        verbose_name = _("HS code")
        verbose_name_plural = _("HS codes")
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            # Words are looked for inside the description, whatever their case.
            GinIndex(OpClass(Upper("description"), name="gin_trgm_ops"), name="hs_code_description")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.description}"


class CustomsTerritory(Dated):
    """That a country belongs to a customs territory which is not its own: France to the EU."""

    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    territory = models.CharField(
        _("customs territory"), max_length=2, validators=[country_code], help_text="EU, GB, CH"
    )

    class Meta:
        verbose_name = _("customs territory")
        verbose_name_plural = _("customs territories")
        ordering: ClassVar = ["territory", "country", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps("customs_territory_one_in_force", of=DateRange, per=("country",))
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.territory}"


class ImportRule(Dated):
    """How a destination values imports and what it lets in free."""

    destination = models.CharField(
        _("destination"), max_length=2, validators=[country_code],
        help_text=_("A country, or EU for the customs union."),
    )  # fmt: skip
    origin_group = models.CharField(
        _("sent from"), max_length=120, blank=True, validators=[country_codes],
        help_text=_("Country codes parted by spaces; empty is everywhere else."),
    )  # fmt: skip
    basis = models.CharField(
        _("duty is on"), max_length=3,
        choices=[(Basis.CIF.value, _("goods, freight and insurance (CIF)")),
                 (Basis.FOB.value, _("the goods alone (FOB)"))],
    )  # fmt: skip
    tax_basis = models.CharField(
        _("import tax is on"), max_length=3,
        choices=[(Basis.CIF.value, _("goods, freight and insurance (CIF)")),
                 (Basis.FOB.value, _("the goods alone (FOB)"))],
        help_text=_("And on duty and taxable fees."),
    )  # fmt: skip
    formula = models.CharField(
        _("formula"), max_length=10, default=Formula.STANDARD.value,
        choices=[
            (Formula.STANDARD.value, _("by tariff")), (Formula.BRAZIL.value, _("Brazil")),
            (Formula.MEXICO.value, _("Mexico")), (Formula.JAPAN.value, _("Japan")),
            (Formula.CHINA.value, _("China")), (Formula.CANADA.value, _("Canada")),
        ],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    duty_free_to = _money(
        _("free of duty up to"), null=True, blank=True, help_text=_("Empty frees nothing.")
    )
    tax_free_to = _money(
        _("free of tax up to"), null=True, blank=True, help_text=_("Empty frees nothing.")
    )
    limits_on_customs_value = models.BooleanField(
        _("limits are of the customs value"), default=False,
        help_text=_("Else of the goods without freight."),
    )  # fmt: skip
    never_free = models.CharField(
        _("never free"), max_length=300, blank=True, validators=[hs_prefixes],
        help_text=_("Beginnings of HS codes that no limit frees, parted by spaces."),
    )  # fmt: skip
    is_refundable = models.BooleanField(
        _("duty is refunded"), default=True, help_text=_("To the shopper when goods come back.")
    )
    factors = models.JSONField(
        _("factors"), default=dict, blank=True,
        help_text=_("What the formula needs beside this; amounts in the rule's currency."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("import rule")
        verbose_name_plural = _("import rules")
        ordering: ClassVar = ["destination", "origin_group", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "import_rule_one_in_force", of=DateRange, per=("destination", "origin_group")
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin_group or '*'} → {self.destination}"

    def clean(self) -> None:
        super().clean()
        try:
            read_factors(self.factors, formula=Formula(self.formula))
        except BadFactors as error:
            raise ValidationError({"factors": str(error)}) from error
        except ValueError:
            return  # The formula's own field tells.


class DutyRate(Dated):
    """A layer of duty on goods of a heading from an origin; layers of different groups add up."""

    destination = models.CharField(_("destination"), max_length=2, validators=[country_code])
    hs_prefix = models.CharField(
        _("HS code"), max_length=12, blank=True, validators=[hs_prefix],
        help_text=_("Its beginning; empty is all goods. The longest that fits counts."),
    )  # fmt: skip
    origin = models.CharField(
        _("origin"), max_length=2, blank=True,
        validators=[RegexValidator(r"^([A-Z]{2})?\Z", _("Write a two-letter country code."))],
        help_text=_("Where the goods were made; empty is anywhere."),
    )  # fmt: skip
    label = models.CharField(_("label"), max_length=80, help_text=_("As on a receipt."))
    kind = models.CharField(
        _("kind"), max_length=12,
        choices=[
            (DutyKind.AD_VALOREM.value, _("of the value")),
            (DutyKind.PER_UNIT.value, _("for each unit")),
            (DutyKind.PER_HEADING.value, _("for each six-digit heading in a parcel")),
        ],
    )  # fmt: skip
    percent = models.DecimalField(
        _("percent"), max_digits=7, decimal_places=4, default=Decimal(0), validators=[_POSITIVE]
    )
    amount = _money(
        _("amount"), default=Decimal(0),
        help_text=_("For each unit or heading; of a percentage the least duty on a line."),
    )  # fmt: skip
    currency = models.CharField(
        _("currency"), max_length=3, blank=True,
        validators=[RegexValidator(r"^([A-Z]{3})?\Z", _("Write a three-letter currency code."))],
    )  # fmt: skip
    stack_group = models.SlugField(
        _("layer"), max_length=30, default="tariff",
        help_text=_("“tariff” is the ordinary one; of one layer the nearest row counts."),
    )  # fmt: skip
    no_stack_with = models.CharField(
        _("not on top of"), max_length=120, blank=True,
        help_text=_("Layers, parted by spaces, beside which this one is not taken."),
    )  # fmt: skip
    stands_alone = models.BooleanField(
        _("stands alone"), default=False, help_text=_("In place of all other layers.")
    )
    value_to = _money(
        _("up to a value of"), null=True, blank=True,
        help_text=_("Only for parcels whose goods are worth no more."),
    )  # fmt: skip
    scheme = models.CharField(
        _("only in the scheme"), max_length=20, blank=True,
        help_text=_("Such as ioss; empty is every import."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("duty rate")
        verbose_name_plural = _("duty rates")
        ordering: ClassVar = ["destination", "stack_group", "hs_prefix", "origin", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "duty_rate_one_in_force",
                of=DateRange,
                per=("destination", "hs_prefix", "origin", "stack_group", "scheme"),
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, amount__gte=0), name="duty_rate_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(currency="")
                | models.Q(amount=0, value_to__isnull=True, kind="ad_valorem"),
                name="duty_rate_has_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination} {self.hs_prefix or '*'} {self.label}"

    def clean(self) -> None:
        super().clean()
        if not self.currency and (
            self.amount or self.value_to is not None or self.kind != DutyKind.AD_VALOREM
        ):
            raise ValidationError({"currency": _("An amount needs its currency.")})


class ImportFee(Dated):
    """A state's fee on parcels that come in."""

    destination = models.CharField(_("destination"), max_length=2, validators=[country_code])
    kind = models.SlugField(_("kind"), max_length=30, default="handling")
    label = models.CharField(_("label"), max_length=80, help_text=_("As on a receipt."))
    per = models.CharField(
        _("for each"), max_length=10,
        choices=[
            (FeePer.PARCEL.value, _("parcel")), (FeePer.HEADING.value, _("six-digit heading")),
            (FeePer.LINE.value, _("line")),
        ],
    )  # fmt: skip
    amount = _money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    is_taxable = models.BooleanField(_("import tax is due on it"), default=False)
    value_to = _money(
        _("up to a value of"), null=True, blank=True,
        help_text=_("Only for parcels whose goods are worth no more."),
    )  # fmt: skip
    value_currency = models.CharField(
        _("currency of that value"), max_length=3, blank=True,
        validators=[RegexValidator(r"^([A-Z]{3})?\Z", _("Write a three-letter currency code."))],
        help_text=_("Empty is the fee's own."),
    )  # fmt: skip
    is_refundable = models.BooleanField(_("refunded when goods come back"), default=False)
    gives_way = models.BooleanField(
        _("gives way"), default=False,
        help_text=_("Ends where the customs union takes a fee of the same kind."),
    )  # fmt: skip
    is_in_use = models.BooleanField(
        _("in use"), default=True, help_text=_("Off while its law is not in force yet.")
    )

    class Meta:
        verbose_name = _("import fee")
        verbose_name_plural = _("import fees")
        ordering: ClassVar = ["destination", "kind", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps("import_fee_one_in_force", of=DateRange, per=("destination", "kind")),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="import_fee_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination} {self.label}"


class IncotermRule(Dated):
    """Who pays at the border on a lane of a market, and what the carrier takes for clearing."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="incoterms")
    origin = models.CharField(
        _("sent from"), max_length=2, blank=True,
        validators=[RegexValidator(r"^([A-Z]{2})?\Z", _("Write a two-letter country code."))],
        help_text=_("Empty is everywhere."),
    )  # fmt: skip
    destination = models.CharField(
        _("destination"), max_length=2, blank=True,
        validators=[RegexValidator(r"^([A-Z]{2})?\Z", _("Write a two-letter country code."))],
        help_text=_("Empty is every country of the market."),
    )  # fmt: skip
    terms = models.CharField(
        _("terms"), max_length=3,
        choices=[("ddp", _("we pay: collected at checkout (DDP)")),
                 ("dap", _("the buyer pays on delivery (DAP)"))],
    )  # fmt: skip
    clearance_fee = _money(_("carrier's clearance fee"), default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    is_clearance_taxable = models.BooleanField(_("import tax is due on the fee"), default=False)
    unknown_duty = models.CharField(
        _("where duty is not known"), max_length=6, default="dap",
        choices=[("dap", _("the buyer pays on delivery (DAP)")),
                 ("bear", _("we pay what customs asks")),
                 ("refuse", _("not sold there"))],
        help_text=_(
            "When we pay, duty may be due and no duty rate covers the goods: nothing can be "
            "promised."
        ),
    )  # fmt: skip
    duty_refund = models.CharField(
        _("duty on returned goods"), max_length=6, default="by_row",
        choices=[("by_row", _("as its own rule says")),
                 ("never", _("is never refunded")),
                 ("within", _("is refunded within some days")),
                 ("always", _("is always refunded"))],
    )  # fmt: skip
    duty_refund_days = models.PositiveSmallIntegerField(
        _("days for that"), null=True, blank=True,
        help_text=_("From dispatch until the goods are back."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("delivery terms")
        verbose_name_plural = _("delivery terms")
        ordering: ClassVar = ["market", "destination", "origin", "-valid_from"]
        constraints: ClassVar = [
            never_overlaps(
                "incoterm_rule_one_in_force",
                of=DateRange,
                per=("market", "origin", "destination"),
            ),
            models.CheckConstraint(
                condition=models.Q(terms__in=["ddp", "dap"]), name="incoterm_rule_terms_known"
            ),
            models.CheckConstraint(
                condition=models.Q(clearance_fee__gte=0), name="incoterm_rule_fee_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(unknown_duty__in=["dap", "bear", "refuse"]),
                name="incoterm_rule_unknown_duty_known",
            ),
            models.CheckConstraint(
                condition=models.Q(duty_refund="within", duty_refund_days__isnull=False)
                | models.Q(
                    duty_refund__in=["by_row", "never", "always"], duty_refund_days__isnull=True
                ),
                name="incoterm_rule_refund_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin or '*'} → {self.destination or '*'} {self.terms.upper()}"

    def clean(self) -> None:
        super().clean()
        if (self.duty_refund == "within") != (self.duty_refund_days is not None):
            raise ValidationError(
                {"duty_refund_days": _("Days go with a refund within days, and only with that.")}
            )
