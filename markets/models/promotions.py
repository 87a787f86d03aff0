from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from markets.models.codes import currency_code
from markets.models.groups import CustomerGroup
from markets.models.market import Market

# What `markets.promotions.normalise_coupon` leaves as it is, but for upper and lower case.
coupon_code = RegexValidator(
    r"^[^\W_]+(?:[-_][^\W_]+)*\Z", _("Use letters, digits, hyphens and underscores only.")
)


class Promotion(models.Model):
    """What is taken off a basket, for whom, where and when; shoppers see versions of it only."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ENDED = "ended", _("ended")

    class Action(models.TextChoices):
        PERCENT = "percent", _("percentage off")
        AMOUNT = "amount", _("amount off")
        FREE_DELIVERY = "free_delivery", _("free delivery")
        BUY_X_GET_Y = "buy_x_get_y", _("buy some, get some for less")

    name = models.CharField(_("name"), max_length=120, help_text=_("Shoppers read it."))
    note = models.TextField(_("note"), blank=True, help_text=_("Only merchants read it."))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    action = models.CharField(
        _("what it does"), max_length=20, choices=Action.choices, default=Action.PERCENT
    )
    percent = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("10 takes a tenth off, 100 gives for free."),
    )
    buy_quantity = models.PositiveSmallIntegerField(
        _("units to buy"), null=True, blank=True, help_text=_("2 for “three for two”.")
    )
    get_quantity = models.PositiveSmallIntegerField(
        _("units to get for less"),
        null=True,
        blank=True,
        help_text=_("1 for “three for two”. The cheapest ones are taken."),
    )
    most_times = models.PositiveSmallIntegerField(
        _("times per basket"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty is as often as it fits."),
    )
    min_quantity = models.PositiveIntegerField(
        _("minimum units"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("Units in the basket that the promotion is for."),
    )
    markets = models.ManyToManyField(
        Market, blank=True, related_name="promotions", verbose_name=_("markets"),
        help_text=_("None is all of them."),
    )  # fmt: skip
    products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("products")
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("categories"),
        help_text=_("With all below them. No category and no product is everything."),
    )  # fmt: skip
    excluded_products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("products left out")
    )
    customer_groups = models.ManyToManyField(
        CustomerGroup, blank=True, related_name="+", verbose_name=_("customer groups"),
        help_text=_("None is everybody."),
    )  # fmt: skip
    valid_from = models.DateTimeField(
        _("starts"), null=True, blank=True, help_text=_("Empty is as soon as it is published.")
    )
    valid_to = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Empty is when you end it.")
    )
    needs_coupon = models.BooleanField(
        _("with a coupon only"), default=False, help_text=_("Else it applies by itself.")
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("1 applies first; the next one applies to what is left."),
    )
    combines = models.BooleanField(
        _("combines with others"),
        default=True,
        help_text=_(
            "One that does not stands alone; the shopper gets what is worth more, it or all "
            "that combine."
        ),
    )
    use_limit = models.PositiveIntegerField(
        _("uses in total"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Orders that get it. Empty is no limit."),
    )
    customer_limit = models.PositiveIntegerField(
        _("uses per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Known by e-mail address. Empty is no limit."),
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Promotion"]] = models.Manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering: ClassVar = ["priority", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "ended"]),
                name="promotion_status_known",
            ),
            models.CheckConstraint(
                condition=Q(action="percent", percent__isnull=False)
                | Q(
                    action="buy_x_get_y",
                    percent__isnull=False,
                    # Of what is null the database does not know, and lets it pass.
                    buy_quantity__isnull=False,
                    buy_quantity__gte=1,
                    get_quantity__isnull=False,
                    get_quantity__gte=1,
                )
                | Q(action__in=["amount", "free_delivery"]),
                name="promotion_action_complete",
                violation_error_message=_(
                    "Say how many percent are off, and of how many units where it is some."
                ),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100),
                name="promotion_percent_sensible",
                violation_error_message=_("A percentage is more than 0 and at most 100."),
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="promotion_ends_after_start",
                violation_error_message=_("The promotion ends before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(use_limit__isnull=True) | Q(use_limit__gte=1, used__lte=F("use_limit")),
                    Q(customer_limit__isnull=True) | Q(customer_limit__gte=1),
                    Q(most_times__isnull=True) | Q(most_times__gte=1),
                    min_quantity__gte=1,
                    priority__gte=1,
                ),
                name="promotion_limits_hold",
                violation_error_message=_("It was used more often than the limit allows."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromotionAmount(models.Model):
    """What a promotion takes off in a currency, and what must be spent in it."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="amounts")
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    amount = models.DecimalField(
        _("amount off"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    threshold = models.DecimalField(
        _("minimum spend"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("On goods that the promotion is for, before anything is taken off."),
    )

    class Meta:
        verbose_name = _("amount per currency")
        verbose_name_plural = _("amounts per currency")
        ordering: ClassVar = ["currency"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["promotion", "currency"], name="promotion_amount_once"),
            models.CheckConstraint(
                condition=Q(
                    Q(amount__isnull=True) | Q(amount__gt=0),
                    Q(threshold__isnull=True) | Q(threshold__gt=0),
                )
                & (Q(amount__isnull=False) | Q(threshold__isnull=False)),
                name="promotion_amount_positive",
                violation_error_message=_("An amount is more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.currency


class PromotionVersion(models.Model):
    """The terms of a promotion as they were published; never changed, only replaced.

    They are in force from `made_at` to `replaced_at` (null is now), within the dates that they
    name themselves, which stand beside them to be found by.
    """

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    made_at = models.DateTimeField(_("published"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("published by"),
    )  # fmt: skip
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering: ClassVar = ["promotion", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["promotion", "number"], name="promotion_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["promotion"],
                condition=Q(replaced_at__isnull=True),
                name="promotion_version_one_current",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(replaced_at__gte=F("made_at")),
                name="promotion_version_replaced_after",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["replaced_at"], name="promotion_version_until")]

    def __str__(self) -> str:
        return f"{self.promotion_id} #{self.number}"


class Coupon(models.Model):
    """A code that opens a promotion; upper and lower case are one."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="coupons")
    code = models.CharField(_("code"), max_length=40, validators=[coupon_code])
    use_limit = models.PositiveIntegerField(
        _("uses in total"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Orders that get it. Empty is no limit."),
    )
    customer_limit = models.PositiveIntegerField(
        _("uses per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Known by e-mail address. Empty is no limit."),
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering: ClassVar = ["promotion", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Upper("code"),
                name="coupon_code_any_case_once",
                violation_error_message=_("There is a coupon of this code."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="coupon_code_not_empty"),
            models.CheckConstraint(
                condition=Q(
                    Q(use_limit__isnull=True) | Q(use_limit__gte=1, used__lte=F("use_limit")),
                    Q(customer_limit__isnull=True) | Q(customer_limit__gte=1),
                ),
                name="coupon_limits_hold",
                violation_error_message=_("It was used more often than the limit allows."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromotionCustomer(models.Model):
    """How often a customer used a promotion, or one coupon of it.

    The customer is a keyed hash of the e-mail address: it tells that two are the same, not who.
    """

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="customers")
    coupon = models.ForeignKey(
        Coupon, models.CASCADE, null=True, blank=True, related_name="customers"
    )
    customer = models.CharField(_("customer"), max_length=64)
    used = models.PositiveIntegerField(_("used"), default=0)
    used_at = models.DateTimeField(
        _("last used"), help_text=_("By which rows that nobody needs any more are found.")
    )

    class Meta:
        verbose_name = _("use by a customer")
        verbose_name_plural = _("uses by customers")
        ordering: ClassVar = ["promotion", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["promotion", "coupon", "customer"],
                nulls_distinct=False,
                name="promotion_customer_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id}: {self.used}"
