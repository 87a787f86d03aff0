from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from catalog.models import Variant
from markets.models.base_prices import BasePrice
from markets.models.groups import CustomerGroup
from markets.models.market import Market
from markets.models.rates import ExchangeRate
from markets.ranges import never_overlaps

PRICE_REASONS = [
    ("new", _("first price")),
    ("wish", _("base price or market changed")),
    ("rate", _("rate moved")),
    ("step", _("rate moved; held to the step limit")),
    ("floor", _("raised to the floor")),
    ("approved", _("approved")),
    ("large", _("beyond the approval limit")),
    ("coarse", _("next price ending beyond the step limit")),
]


class PricingRule(models.Model):
    """A market's way of deriving prices as it was: what a derived price tells of. Never changed."""

    market = models.ForeignKey(Market, models.PROTECT, related_name="+")
    fx_margin = models.DecimalField(_("FX margin"), max_digits=6, decimal_places=4)
    price_adjustment = models.DecimalField(_("price adjustment"), max_digits=6, decimal_places=4)
    ending_step = models.DecimalField(_("ending step"), max_digits=10, decimal_places=3)
    endings = models.CharField(_("price endings"), max_length=80, blank=True)
    ending_grid = models.DecimalField(
        _("ending grid"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    avoid_digits = models.CharField(_("digits to avoid"), max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pricing rule")
        verbose_name_plural = _("pricing rules")
        ordering: ClassVar = ["market", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=[
                    "market", "fx_margin", "price_adjustment", "ending_step", "endings",
                    "ending_grid", "avoid_digits",
                ],
                nulls_distinct=False,
                name="pricing_rule_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.market_id} #{self.pk}"


class Price(models.Model):
    """What a variant costs in a market, from a moment to a moment: the price and its history.

    At any moment one row at most is in force for a variant, market, group and quantity; `kind`
    says where it comes from. A row without a group and from one unit on is everybody's price, and
    only such a row is derived. The amount is what is shown: with tax inside where the market's
    prices are.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", _("set by hand")
        DERIVED = "derived", _("derived")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices")
    # The index is `price_current`, the constraint `price_in_market_currency`, which holds more.
    market = models.ForeignKey(
        Market, models.PROTECT, related_name="prices", db_index=False, db_constraint=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = MoneyField(_("amount"), max_digits=14, decimal_places=3, default_currency=None)
    group = models.ForeignKey(
        CustomerGroup, models.PROTECT, null=True, blank=True, related_name="prices",
        db_index=False, verbose_name=_("customer group"), help_text=_("Empty is everybody."),
    )  # fmt: skip
    min_quantity = models.PositiveIntegerField(
        _("from quantity"),
        default=1,
        db_default=1,
        help_text=_("Units of one line that the price needs."),
    )
    is_reduction = models.BooleanField(
        _("announce as a reduction"),
        default=False,
        db_default=False,
        help_text=_(
            "Shown with the lowest price of the days before it, where the market asks for that."
        ),
    )
    base_price = models.ForeignKey(
        BasePrice, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
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
    buffer = models.DecimalField(
        _("buffer"),
        max_digits=6,
        decimal_places=4,
        default=Decimal(0),
        help_text=_("Added to the margin, because the rate was old."),
    )
    asked = models.DecimalField(
        _("asked"),
        max_digits=26,
        decimal_places=11,
        null=True,
        blank=True,
        help_text=_(
            "The base price with margin and adjustment, in its own currency: what the merchant "
            "asked for, whatever the rate."
        ),
    )
    target = models.DecimalField(
        _("target"),
        max_digits=24,
        decimal_places=10,
        null=True,
        blank=True,
        help_text=_("What the price stands for until the target moves beyond the band."),
    )
    floor = models.DecimalField(
        _("floor"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Cost and minimum margin when the price was derived."),
    )
    reason = models.CharField(_("reason"), max_length=10, choices=PRICE_REASONS, blank=True)
    rule = models.ForeignKey(
        PricingRule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("The market's margin, adjustment and endings that the price was made with."),
    )  # fmt: skip
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Price"]] = models.Manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering: ClassVar = ["variant", "market", "-valid_from"]
        constraints: ClassVar = [
            # Two, so that the many prices of everybody keep the smaller index.
            never_overlaps(
                "price_one_in_force",
                per=("variant", "market"),
                condition=models.Q(group__isnull=True, min_quantity=1),
            ),
            never_overlaps(
                "list_price_one_in_force",
                per=(
                    "variant",
                    "market",
                    "min_quantity",
                    Coalesce("group", 0, output_field=models.BigIntegerField()),
                ),
                condition=models.Q(group__isnull=False) | models.Q(min_quantity__gt=1),
            ),
            models.CheckConstraint(
                condition=models.Q(min_quantity__gte=1), name="price_from_one_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="manual")
                | models.Q(group__isnull=True, min_quantity=1, is_reduction=False),
                name="price_derived_is_everybodys",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="price_positive"),
            models.CheckConstraint(
                condition=models.Q(kind="manual") | models.Q(conversion__isnull=False),
                name="price_derived_has_conversion",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["group"],
                name="price_of_group",
                condition=models.Q(group__isnull=False),
            ),
            models.Index(
                fields=["market", "variant"],
                name="price_current",
                include=["amount"],
                condition=models.Q(valid_to__isnull=True),
            ),
            # What is planned, and what has an end: next to nothing lies beyond the present.
            models.Index(fields=["valid_from"], name="price_begins"),
            models.Index(
                fields=["valid_to"],
                name="price_ends",
                condition=models.Q(valid_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.market_id}: {self.amount}"


class PriceProposal(models.Model):
    """A change of a derived price that waits for a person; amounts in the market's currency."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="price_proposals")
    market = models.ForeignKey(Market, models.PROTECT, related_name="price_proposals")
    price = models.ForeignKey(
        Price, models.CASCADE, related_name="proposals", verbose_name=_("price it would replace")
    )
    old_amount = models.DecimalField(_("old"), max_digits=14, decimal_places=3)
    new_amount = models.DecimalField(_("new"), max_digits=14, decimal_places=3)
    old_margin = models.DecimalField(
        _("old margin"), max_digits=8, decimal_places=4, null=True, blank=True
    )
    new_margin = models.DecimalField(
        _("new margin"), max_digits=8, decimal_places=4, null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=10, choices=PRICE_REASONS)
    base_price = models.ForeignKey(BasePrice, models.CASCADE, related_name="+")
    rate = models.ForeignKey(ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+")
    conversion = models.DecimalField(_("conversion"), max_digits=18, decimal_places=8)
    buffer = models.DecimalField(_("buffer"), max_digits=6, decimal_places=4, default=Decimal(0))
    asked = models.DecimalField(_("asked"), max_digits=26, decimal_places=11)
    target = models.DecimalField(_("target"), max_digits=24, decimal_places=10)
    floor = models.DecimalField(_("floor"), max_digits=14, decimal_places=3, null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    created_at = models.DateTimeField(_("created at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("price proposal")
        verbose_name_plural = _("price proposals")
        ordering: ClassVar = ["-created_at", "market", "variant"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["variant", "market"],
                condition=models.Q(status="pending"),
                name="price_proposal_one_pending",
            ),
            models.CheckConstraint(
                condition=models.Q(new_amount__gt=0), name="price_proposal_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.market_id}: {self.old_amount} → {self.new_amount}"


class ListPrice(Price):
    """Prices set by hand, as the price list that a merchant keeps."""

    class Meta:
        proxy = True
        verbose_name = _("price list entry")
        verbose_name_plural = _("price list")
