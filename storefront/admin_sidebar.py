"""The admin's menu: the models by room, in the order in which a merchant comes to them."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

_GROUPS: tuple[tuple[Promise, tuple[tuple[str, str], ...]], ...] = (
    (_("Catalogue"), (
        ("catalog.Product", "inventory_2"),
        ("catalog.Variant", "style"),
        ("catalog.Category", "account_tree"),
        ("catalog.Media", "image"),
        ("catalog.Option", "tune"),
        ("catalog.OptionValue", "palette"),
        ("catalog.Attribute", "label"),
        ("catalog.AttributeChoice", "checklist"),
        ("catalog.TaxCategory", "category"),
        ("catalog.Manufacturer", "factory"),
        ("catalog.ResponsiblePerson", "contact_mail"),
    )),
    (_("Markets and prices"), (
        ("markets.Market", "public"),
        ("markets.BasePrice", "sell"),
        ("markets.ListPrice", "price_change"),
        ("markets.PriceProposal", "rule"),
        ("markets.Price", "payments"),
        ("markets.Promotion", "redeem"),
        ("markets.Coupon", "confirmation_number"),
        ("markets.CustomerGroup", "groups"),
        ("markets.ExchangeRate", "currency_exchange"),
        ("markets.RateAlarm", "notification_important"),
    )),
    (_("Tax and customs"), (
        ("markets.LegalEntity", "domain"),
        ("markets.TaxRegistration", "assignment_ind"),
        ("markets.TaxRate", "percent"),
        ("markets.TaxPlaceRule", "gavel"),
        ("markets.CategoryRule", "money_off"),
        ("markets.SpecialTerritory", "pin_drop"),
        ("markets.TaxThreshold", "speed"),
        ("markets.TaxIdCheck", "verified_user"),
        ("markets.HsCode", "tag"),
        ("markets.DutyRate", "request_quote"),
        ("markets.ImportRule", "flight_land"),
        ("markets.ImportFee", "paid"),
        ("markets.IncotermRule", "handshake"),
        ("markets.CustomsTerritory", "map"),
    )),
    (_("Product law"), (
        ("markets.ProductRestriction", "block"),
        ("markets.PublishingRule", "rule_folder"),
        ("markets.UnitPriceRule", "scale"),
    )),
    (_("Orders"), (
        ("orders.Order", "receipt_long"),
        ("orders.Invoice", "request_quote"),
        ("orders.Cart", "shopping_cart"),
        ("orders.ThresholdAlarm", "account_balance"),
        ("notifications.SentMessage", "mail"),
        ("orders.EventDelivery", "sync"),
    )),
    (_("Payments"), (
        ("payments.Payment", "credit_card"),
        ("payments.Refund", "undo"),
        ("payments.RiskAssessment", "gpp_maybe"),
        ("payments.PaymentMethod", "account_balance_wallet"),
        ("payments.WebhookEvent", "webhook"),
    )),
    (_("Fulfilment"), (
        ("fulfillment.Shipment", "local_shipping"),
        ("fulfillment.Return", "assignment_return"),
        ("fulfillment.RoutingDecision", "route"),
        ("fulfillment.RoutingPolicy", "tune"),
        ("fulfillment.Warehouse", "warehouse"),
        ("fulfillment.Carrier", "flight"),
        ("fulfillment.CarrierService", "airport_shuttle"),
        ("fulfillment.ShipmentLabel", "label"),
        ("fulfillment.CarrierEvent", "move_to_inbox"),
        ("fulfillment.Zone", "map"),
        ("fulfillment.Closure", "event_busy"),
        ("fulfillment.LaneScore", "speed"),
        ("fulfillment.DeliveryOption", "event_available"),
    )),
    (_("Stock"), (
        ("fulfillment.StockLevel", "inventory"),
        ("fulfillment.StockMovement", "swap_vert"),
        ("fulfillment.IncomingStock", "input"),
        ("fulfillment.Transfer", "move_up"),
        ("fulfillment.StockCount", "fact_check"),
        ("fulfillment.Reservation", "lock_clock"),
        ("fulfillment.StockDisplay", "visibility"),
        ("fulfillment.StockAudit", "policy"),
    )),
    (_("Accounts"), (
        ("accounts.User", "person"),
        ("auth.Group", "group"),
        ("account.EmailAddress", "alternate_email"),
    )),
)  # fmt: skip


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the groups of the menu with what the reader may see of them."""
    groups = [
        {"title": title, "separator": True, "items": _items(request, rows)}
        for title, rows in _GROUPS
    ]
    places = [
        {"title": _("Dashboard"), "icon": "dashboard", "link": reverse("admin:index")},
        {"title": _("Staff console"), "icon": "package_2", "link": reverse("staff:queue")},
    ]
    if request.user.has_perm("fulfillment.view_stocklevel"):
        places.append(
            {"title": _("Stock watch"), "icon": "monitoring", "link": reverse("admin:stock_watch")}
        )
    if request.user.has_perm("orders.view_thresholdalarm"):
        places.append(
            {"title": _("Tax reports"), "icon": "summarize", "link": reverse("admin:tax_reports")}
        )
    if request.user.has_perm("markets.view_dutyrate"):
        compare = reverse("admin:markets_landed_preview")
        places.append({"title": _("Compare destinations"), "icon": "balance", "link": compare})
    return [{"title": "", "items": places}, *(group for group in groups if group["items"])]


def _items(request: HttpRequest, rows: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    items = []
    for label, icon in rows:
        model = apps.get_model(label)
        options = model._meta
        if admin.site.get_model_admin(model).has_view_permission(request):
            link = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
            items.append(
                {"title": capfirst(str(options.verbose_name_plural)), "icon": icon, "link": link}
            )
    return items
