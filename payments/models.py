import uuid
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from markets.models import Market
from orders.models import Order


class PaymentMethod(models.Model):
    """A way to pay, as data: what its gateway calls it and what it can do."""

    class Gateway(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        CASH_ON_DELIVERY = "cash_on_delivery", _("cash on delivery")
        NOTHING = "nothing", _("nothing to pay")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    gateway = models.CharField(_("gateway"), max_length=20, choices=Gateway.choices)
    gateway_type = models.CharField(
        _("type at the gateway"), max_length=40, blank=True, help_text=_("card, ideal, konbini, …")
    )
    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(_("hint"), max_length=200, blank=True)
    captures_later = models.BooleanField(
        _("captures later"), default=False, help_text=_("Money is taken when goods are dispatched.")
    )
    settles_later = models.BooleanField(
        _("settles later"), default=False, help_text=_("Hours or days pass before it is paid.")
    )
    refundable = models.BooleanField(
        _("refundable"), default=True, help_text=_("Through its gateway; else staff pay back.")
    )
    pay_within_hours = models.PositiveIntegerField(
        _("pay within, hours"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 24)],
        help_text=_("How long a voucher, a code or a transfer may take; empty is the usual."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    discontinued_on = models.DateField(_("discontinued on"), null=True, blank=True)
    # Half of a foreign key: see Payment.is_nothing.
    for_nothing = models.GeneratedField(
        expression=Exact(models.F("gateway"), models.Value("nothing")),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects: ClassVar[models.Manager["PaymentMethod"]] = models.Manager()

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway"],
                condition=models.Q(gateway="nothing"),
                name="payment_method_one_for_nothing",
            ),
            models.UniqueConstraint(fields=["id", "for_nothing"], name="payment_method_kind_key"),
        ]

    def __str__(self) -> str:
        return self.name


class MethodOffer(models.Model):
    """Where a method is offered, for which countries and amounts, and in which place."""

    method = models.ForeignKey(PaymentMethod, models.CASCADE, related_name="offers")
    market = models.ForeignKey(Market, models.CASCADE, related_name="method_offers")
    countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        verbose_name=_("countries"),
        help_text=_("Of the billing address; empty is every country of the market."),
    )
    min_amount = models.DecimalField(
        _("from"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    max_amount = models.DecimalField(
        _("up to"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    payee = models.TextField(
        _("payee"), blank=True,
        help_text=_("For bank transfers: holder, account number and bank, as the shopper sees it."),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("method offer")
        verbose_name_plural = _("method offers")
        ordering: ClassVar = ["market", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["method", "market"], name="method_offer_once"),
            models.CheckConstraint(
                condition=models.Q(min_amount__isnull=True)
                | models.Q(max_amount__isnull=True)
                | models.Q(min_amount__lte=models.F("max_amount")),
                name="method_offer_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.method_id}"


class Payment(models.Model):
    """One try to pay an order. Its row, with its operation key, is there before any call."""

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        REQUIRES_ACTION = "requires_action", _("waiting for the shopper")
        PROCESSING = "processing", _("processing")
        AUTHORISED = "authorised", _("authorised")
        CAPTURED = "captured", _("captured")
        FAILED = "failed", _("failed")
        VOIDED = "voided", _("voided")

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.ForeignKey(PaymentMethod, models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.CREATED
    )
    amount = MoneyField(_("amount"), max_digits=14, decimal_places=3, default_currency=None)
    captured = models.DecimalField(_("captured"), max_digits=14, decimal_places=3, default=0)
    refunded = models.DecimalField(
        _("refunded"), max_digits=14, decimal_places=3, default=0,
        help_text=_("Succeeded and pending refunds together."),
    )  # fmt: skip
    operation_key = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False,
        help_text=_("What the gateway's idempotency keys are made of."),
    )  # fmt: skip
    gateway_session = models.CharField(_("session"), max_length=120, blank=True)
    gateway_payment = models.CharField(_("payment at the gateway"), max_length=120, blank=True)
    redirect_url = models.URLField(max_length=1000, blank=True)
    # Part of what the idempotency key of the session stands for: a repeat must send the same.
    success_url = models.URLField(max_length=1000, blank=True)
    cancel_url = models.URLField(max_length=1000, blank=True)
    capture_requested_at = models.DateTimeField(null=True, blank=True)
    void_requested_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)
    # A foreign key of the database goes from (method, is_nothing) to (id, for_nothing): an order
    # of nothing is paid with the method for that and with no other, and that pays for no other.
    is_nothing = models.GeneratedField(
        expression=Exact(models.F("amount"), models.Value(Decimal(0))),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "amount_currency"], name="payment_currency_key"),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(status__in=["authorised", "captured"]),
                name="payment_one_charge_per_order",
            ),
            models.UniqueConstraint(
                fields=["gateway_session"],
                condition=~models.Q(gateway_session=""),
                name="payment_session_once",
            ),
            models.UniqueConstraint(
                fields=["gateway_payment"],
                condition=~models.Q(gateway_payment=""),
                name="payment_at_gateway_once",
            ),
            # Nothing is paid at once and at no gateway.
            models.CheckConstraint(
                condition=models.Q(amount__gt=0)
                | models.Q(
                    amount=0,
                    status="captured",
                    gateway_session="",
                    gateway_payment="",
                    redirect_url="",
                    capture_requested_at__isnull=True,
                    void_requested_at__isnull=True,
                ),
                name="payment_positive_or_of_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(captured__gte=0, captured__lte=models.F("amount")),
                name="payment_captures_no_more_than_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded__gte=0, refunded__lte=models.F("captured")),
                name="payment_refunds_no_more_than_captured",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["changed_at"],
                name="payment_under_way",
                condition=models.Q(status__in=["created", "requires_action", "processing"])
                | models.Q(status="authorised", capture_requested_at__isnull=False)
                | models.Q(status="authorised", void_requested_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount} {self.status}"


class Refund(models.Model):
    """Money on its way back, in the currency that was paid. One per operation key."""

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.CREATED
    )
    amount = MoneyField(_("amount"), max_digits=14, decimal_places=3, default_currency=None)
    operation_key = models.CharField(max_length=120, unique=True)
    attempt = models.PositiveSmallIntegerField(
        _("attempt"), default=1, help_text=_("A refund that failed may be tried again.")
    )
    gateway_refund = models.CharField(_("refund at the gateway"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[models.Manager["Refund"]] = models.Manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway_refund"],
                condition=~models.Q(gateway_refund=""),
                name="refund_at_gateway_once",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.status}"


class WebhookEvent(models.Model):
    """The inbox: a gateway's message as it came, answered at once and applied by a task."""

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=120, blank=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="webhook_event_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["received_at"],
                name="webhook_event_waiting",
                condition=models.Q(processed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class RiskAssessment(models.Model):
    """What the fraud rules said of an order, and why. Kept as it was decided."""

    class Decision(models.TextChoices):
        ACCEPT = "accept", _("accept")
        REVIEW = "review", _("review")
        DECLINE = "decline", _("decline")

    order = models.OneToOneField(Order, models.PROTECT, related_name="risk")
    score = models.PositiveSmallIntegerField(_("score"), help_text=_("0 is harmless, 100 is not."))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    reasons = models.JSONField(_("reasons"), default=list)
    signals = models.JSONField(_("signals"), default=dict)
    rules_version = models.CharField(_("version of the rules"), max_length=20)
    assessed_at = models.DateTimeField(_("assessed at"))

    class Meta:
        verbose_name = _("risk assessment")
        verbose_name_plural = _("risk assessments")
        ordering: ClassVar = ["-assessed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(score__lte=100), name="risk_score_to_100")
        ]

    def __str__(self) -> str:
        return f"{self.score} {self.decision}"
