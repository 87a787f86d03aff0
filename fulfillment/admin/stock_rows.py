from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import F, Min, OuterRef, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from fulfillment.admin.filters import AvailabilityFilter, HoldFilter, MarketFilter, SoldToFilter
from fulfillment.admin.readonly import ReadOnly
from fulfillment.admin.variant_field import VariantField
from fulfillment.models import (
    IncomingStock,
    Reservation,
    ReservationLine,
    Sellable,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.stock import count_stock, receive_stock
from fulfillment.stock.buckets import lay_out_again, lock_whole_level
from fulfillment.stock.ledger import book_damage, find_booked

Kind = StockMovement.Kind
MOST_BUCKETS = 64


class LevelForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a merchant decides about a stock row; the rest follows from movements and orders."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data is None or self.errors:
            return data
        # Locked and whole until the admin's transaction ends: what is checked is what is kept.
        level = lock_whole_level(self.instance.warehouse, self.instance.variant)
        sold = level.preordered if level else 0
        if data["preorder_limit"] < sold:
            words = _("%(units)d units are sold ahead already.") % {"units": sold}
            self.add_error("preorder_limit", words)
        if data["buckets"] > MOST_BUCKETS:
            words = _("At most %(most)d.") % {"most": MOST_BUCKETS}
            self.add_error("buckets", words)
        return data


@admin.register(StockLevel)
class StockLevelAdmin(ModelAdmin):
    list_display = (
        "sku", "product", "warehouse", "on_hand", "reserved", "safety", "sellable", "to_come",
        "preordered", "book",
    )  # fmt: skip
    list_filter = ("warehouse", AvailabilityFilter, MarketFilter)
    list_select_related = ("variant__product", "warehouse")
    search_fields = ("variant__sku", "variant__barcode", "variant__product__title")
    ordering = ("variant__sku", "warehouse__code")
    form = LevelForm
    fields = (
        ("sku", "warehouse"), "product", ("on_hand", "reserved", "sellable"),
        "safety", "preorder_limit", ("preordered", "to_come"), "buckets",
    )  # fmt: skip
    readonly_fields = (
        "sku", "product", "warehouse", "on_hand", "reserved", "preordered", "sellable", "to_come",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        coming = (
            IncomingStock.objects.filter(
                variant=OuterRef("variant"), warehouse=OuterRef("warehouse"), closed_at=None
            )
            .order_by()
            .values("warehouse")
        )
        levels: QuerySet[StockLevel] = super().get_queryset(request)
        return levels.annotate(
            for_sale=Sellable.objects.filter(pk=OuterRef("pk")).values("units"),
            coming_units=coming.annotate(n=Sum(F("quantity") - F("received"))).values("n"),
            coming_on=coming.annotate(first=Min("expected_on")).values("first"),
        )

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> str:
        return format_html('<span class="whitespace-nowrap">{}</span>', level.variant.sku)

    @admin.display(description=_("product"), ordering="variant__product__title")
    def product(self, level: StockLevel) -> str:
        return level.variant.product.title

    @admin.display(description=_("sellable"), ordering="for_sale")
    def sellable(self, level: Any) -> int:
        return int(level.for_sale)

    @admin.display(description=_("to come"), ordering="coming_on")
    def to_come(self, level: Any) -> Any:
        if level.coming_on is None:
            return "–"
        query = urlencode({"q": level.variant.sku, "warehouse__id__exact": level.warehouse_id})
        address = reverse("admin:fulfillment_incomingstock_changelist")
        day = date_format(level.coming_on, "SHORT_DATE_FORMAT")
        return format_html('<a href="{}?{}">{}, {}</a>', address, query, level.coming_units, day)

    @admin.display(description="")
    def book(self, level: StockLevel) -> str:
        query = urlencode({"warehouse": level.warehouse_id, "sku": level.variant.sku})
        address = reverse("admin:fulfillment_stockmovement_add")
        return format_html('<a href="{}?{}">{}</a>', address, query, _("Book stock"))

    def save_model(self, request: HttpRequest, obj: StockLevel, form: Any, change: bool) -> None:
        # The other columns belong to movements and orders, which may have changed them since.
        obj.save(update_fields=[*form.changed_data, "changed_at"])
        lay_out_again([obj])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BookStockForm(forms.ModelForm):  # type: ignore[type-arg]
    """A receipt, a count or a loss of one variant in one warehouse, by sku or barcode."""

    warehouse = forms.ModelChoiceField(
        label=_("warehouse"),
        queryset=Warehouse.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget,
    )
    sku = VariantField()
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[(kind, kind.label) for kind in (Kind.RECEIPT, Kind.COUNT, Kind.DAMAGE)],
        widget=UnfoldAdminSelectWidget,
    )
    units = forms.IntegerField(
        label=_("units"),
        min_value=0,
        help_text=_("What arrived, what was counted, or what is damaged or lost."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=200,
        required=False,
        help_text=_("Of what is damaged or lost: dropped, wet, not found."),
        widget=UnfoldAdminTextInputWidget,
    )
    # Sent twice, it is booked once.
    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    class Meta:
        model = StockMovement
        fields = ("warehouse", "kind", "reference", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.label = capfirst(field.label)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data is None or self.errors:
            return data
        if data["kind"] == Kind.RECEIPT:
            if data["units"] < 1:
                self.add_error("units", _("A receipt is of one unit or more."))
            return data
        # Locked until the admin's transaction ends: what is checked here is what is booked.
        level = lock_whole_level(data["warehouse"], data["sku"])
        if find_booked(data["key"]) is None:
            if data["kind"] == Kind.COUNT:
                self._check_count(data["units"], level)
            else:
                self._check_damage(data, level)
        return data

    def _check_count(self, counted: int, level: StockLevel | None) -> None:
        on_hand, reserved = (level.on_hand, level.reserved) if level else (0, 0)
        if counted < reserved:
            self.add_error(
                "units",
                _("%(units)d units are reserved for orders; deal with those first.")
                % {"units": reserved},
            )
        elif counted == on_hand:
            self.add_error("units", _("So many are on hand already; there is nothing to book."))

    def _check_damage(self, data: dict[str, Any], level: StockLevel | None) -> None:
        free = level.free if level else 0
        if data["units"] < 1:
            self.add_error("units", _("A loss is of one unit or more."))
        elif data["units"] > free:
            words = _("Only %(units)d units are there that no order holds.")
            self.add_error("units", words % {"units": free})
        if not data["reason"]:
            self.add_error("reason", _("Say what happened to them."))


@admin.register(StockMovement)
class StockMovementAdmin(ModelAdmin):
    list_display = (
        "occurred_at", "kind", "quantity", "sku", "warehouse", "reference", "reason", "user",
    )  # fmt: skip
    list_filter = ("kind", "warehouse", SoldToFilter)
    list_select_related = ("variant", "warehouse", "user")
    search_fields = ("variant__sku", "variant__barcode", "reference")
    date_hierarchy = "occurred_at"
    form = BookStockForm
    fields = (
        "warehouse", "variant", "kind", "quantity", "reference", "reason", "user", "occurred_at",
    )  # fmt: skip
    add_fields = ("warehouse", "sku", "kind", "units", "reason", "reference", "key")

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return movement.variant.sku

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fields if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: StockMovement, form: Any, change: bool) -> None:
        movement = _book(form.cleaned_data, user=request.user)
        obj.__dict__.update(vars(movement))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _book(data: dict[str, Any], *, user: Any) -> Any:
    what = (data["warehouse"], data["sku"], data["units"])
    noted = {
        "reference": data["reference"], "now": timezone.now(), "user": user, "key": data["key"]
    }  # fmt: skip
    match data["kind"]:
        case Kind.RECEIPT:
            return receive_stock(*what, **noted)
        case Kind.COUNT:
            return count_stock(*what, **noted)
        case _:
            return book_damage(*what, reason=data["reason"], **noted)


class ReservationLineInline(ReadOnly, TabularInline):
    model = ReservationLine
    extra = 0
    fields = ("variant", "warehouse", "quantity", "ahead")


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "status", "expires_at", "created_at")
    list_filter = ("status", HoldFilter, "lines__warehouse", "order__market")
    list_select_related = ("order",)
    search_fields = ("order__number",)
    inlines: ClassVar = [ReservationLineInline]
