from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from catalog.models import TaxCategory, Variant
from markets.models import (
    Coupon,
    ExchangeRate,
    LegalEntity,
    Market,
    Price,
    PricingRule,
    PromotionVersion,
    TaxIdCheck,
    TaxRate,
)
from orders.models.carts import Address, Cart
from orders.models.fields import amount_field, new_token


class Order(models.Model):
    """What was agreed, frozen: nothing but the three states and their moments changes."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        ON_HOLD = "on_hold", _("on hold")
        RELEASED = "released", _("released")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid", _("unpaid")
        PENDING = "pending", _("pending")
        AUTHORISED = "authorised", _("authorised")
        PAID = "paid", _("paid")
        PART_REFUNDED = "part_refunded", _("partly refunded")
        REFUNDED = "refunded", _("refunded")
        FAILED = "failed", _("failed")
        VOIDED = "voided", _("voided")

    class FulfillmentStatus(models.TextChoices):
        UNFULFILLED = "unfulfilled", _("not shipped")
        PLANNED = "planned", _("being prepared")
        PART_SHIPPED = "part_shipped", _("partly shipped")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        RETURNED = "returned", _("returned")

    number = models.CharField(_("number"), max_length=16, unique=True)
    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    cart = models.OneToOneField(Cart, models.PROTECT, related_name="order")
    market = models.ForeignKey(Market, models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    language = models.CharField(_("language"), max_length=10)
    locale = models.CharField(_("locale"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    email = models.EmailField(_("e-mail"))
    ip_address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    shipping_address = models.ForeignKey(Address, models.PROTECT, related_name="+")
    billing_address = models.ForeignKey(Address, models.PROTECT, related_name="+")
    buyer_tax_id = models.CharField(_("VAT id"), max_length=20, blank=True, db_default="")
    buyer_company = models.CharField(_("company"), max_length=120, blank=True, db_default="")
    tax_id_check = models.ForeignKey(
        TaxIdCheck, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The evidence that the VAT id was valid when the order was placed."),
    )  # fmt: skip
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Who sold: the name on the invoice."),
    )  # fmt: skip
    delivery_option = models.CharField(_("delivery option"), max_length=20)
    promised_from = models.DateField(_("promised from"), null=True, blank=True)
    promised_to = models.DateField(_("promised by"), null=True, blank=True)
    prices_include_tax = models.BooleanField(_("prices include tax"))
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("total"))
    due_on_delivery = models.JSONField(
        _("due on delivery"), default=list, blank=True, db_default=[], encoder=DjangoJSONEncoder,
        help_text=_("What the carrier was estimated to ask of the buyer; in no total."),
    )  # fmt: skip
    tax_parcels = models.JSONField(
        _("parcels"), default=list, blank=True, db_default=[], encoder=DjangoJSONEncoder,
        help_text=_("Where each parcel comes from, its regime and how that was decided."),
    )  # fmt: skip
    tax_notes = models.JSONField(
        _("tax notes"), default=list, blank=True, db_default=[], encoder=DjangoJSONEncoder,
        help_text=_("What the invoice has to say, by code."),
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLACED
    )
    payment_status = models.CharField(
        _("payment"), max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    fulfillment_status = models.CharField(
        _("fulfilment"),
        max_length=20,
        choices=FulfillmentStatus.choices,
        default=FulfillmentStatus.UNFULFILLED,
    )
    placed_at = models.DateTimeField(_("placed at"))
    priced_at = models.DateTimeField(
        _("priced at"),
        help_text=_("The moment whose prices, rates and promotions the order has."),
    )
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering: ClassVar = ["-placed_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["status", "placed_at"]),
            models.Index(fields=["email", "placed_at"]),
            models.Index(fields=["ip_address", "placed_at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "currency"], name="order_currency_key"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="order_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(net__gte=0, tax__gte=0), name="order_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["placed", "on_hold", "released", "completed", "cancelled"]
                ),
                name="order_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def terms(self) -> str:
        """Tell who pays at a border: `dap` if the buyer does for some parcel, `ddp`, or empty."""
        terms = {parcel["terms"] for parcel in self.tax_parcels}
        return "dap" if "dap" in terms else "ddp" if "ddp" in terms else ""

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)


class OrderLine(models.Model):
    """One variant of an order, with the price, the tax and the words of that moment."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    sku = models.CharField("SKU", max_length=64)
    title = models.CharField(_("title"), max_length=200)
    options = models.CharField(_("options"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = amount_field(_("unit price"))
    discount = models.DecimalField(
        _("discount"),
        max_digits=14,
        decimal_places=3,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text=_("Off all units together, as shown; net, tax and gross are after it."),
    )
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    tax_percent = models.DecimalField(_("tax, %"), max_digits=7, decimal_places=4)
    tax_name = models.CharField(_("tax name"), max_length=40, blank=True)
    tax_category = models.ForeignKey(TaxCategory, models.PROTECT, related_name="+")
    tax_rate = models.ForeignKey(TaxRate, models.PROTECT, null=True, blank=True, related_name="+")
    price = models.ForeignKey(Price, models.PROTECT, related_name="+")
    exchange_rate = models.ForeignKey(
        ExchangeRate, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The quote that the price was derived by."),
    )  # fmt: skip
    pricing_rule = models.ForeignKey(
        PricingRule, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "variant"], name="order_line_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="order_line_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, net__gte=0, tax__gte=0),
                name="order_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    discount__gte=0,
                    discount__lte=models.ExpressionWrapper(
                        models.F("unit_price") * models.F("quantity"),
                        output_field=models.DecimalField(max_digits=24, decimal_places=3),
                    ),
                ),
                name="order_line_discount_within_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderCharge(models.Model):
    """What an order costs beside its goods: delivery, a fee."""

    class Kind(models.TextChoices):
        SHIPPING = "shipping", _("delivery")
        PAYMENT_FEE = "payment_fee", _("payment fee")
        DUTY = "duty", _("import duty")
        IMPORT_FEE = "import_fee", _("import fees")
        CLEARANCE = "clearance", _("customs clearance")

    order = models.ForeignKey(Order, models.CASCADE, related_name="charges")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=120)
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    tax_percent = models.DecimalField(
        _("tax, %"), max_digits=7, decimal_places=4, default=Decimal(0)
    )
    tax_rate = models.ForeignKey(TaxRate, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("order charge")
        verbose_name_plural = _("order charges")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "kind"], name="order_charge_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")),
                name="order_charge_net_plus_tax_is_gross",
            ),
            models.CheckConstraint(
                condition=models.Q(net__gte=0, tax__gte=0), name="order_charge_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class OrderDiscount(models.Model):
    """What one promotion took off one line of an order, or off its delivery; never changed."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="discounts")
    line = models.ForeignKey(
        OrderLine, models.CASCADE, null=True, blank=True, related_name="discounts",
        help_text=_("Empty is delivery."),
    )  # fmt: skip
    promotion_version = models.ForeignKey(PromotionVersion, models.PROTECT, related_name="+")
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="+")
    coupon_code = models.CharField(_("coupon"), max_length=60, blank=True)
    label = models.CharField(_("label"), max_length=200)
    amount = amount_field(_("amount"))

    class Meta:
        verbose_name = _("order discount")
        verbose_name_plural = _("order discounts")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "line", "promotion_version"],
                nulls_distinct=False,
                name="order_discount_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="order_discount_takes_something"
            ),
        ]

    def __str__(self) -> str:
        return self.label
