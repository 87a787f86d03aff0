from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import Variant
from fulfillment.admin.readonly import ReadOnly
from fulfillment.models import (
    Reservation,
    ReservationLine,
    StockLevel,
    StockMovement,
    Warehouse,
)
from fulfillment.stock import count_stock, receive_stock

Kind = StockMovement.Kind


class AvailabilityFilter(admin.SimpleListFilter):
    title = _("availability")
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("sold_out", _("sold out everywhere"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "sold_out":
            return queryset
        free = StockLevel.objects.filter(on_hand__gt=F("reserved")).values("variant")
        return queryset.filter(variant__is_active=True).exclude(variant__in=free)


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnly, ModelAdmin):
    list_display = ("sku", "product", "warehouse", "on_hand", "reserved", "free", "book")
    list_filter = ("warehouse", AvailabilityFilter)
    list_select_related = ("variant__product", "warehouse")
    search_fields = ("variant__sku", "variant__barcode", "variant__product__title")
    ordering = ("variant__sku", "warehouse__code")

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> str:
        return level.variant.sku

    @admin.display(description=_("product"), ordering="variant__product__title")
    def product(self, level: StockLevel) -> str:
        return level.variant.product.title

    @admin.display(description=_("unreserved"))
    def free(self, level: StockLevel) -> int:
        return level.free

    @admin.display(description="")
    def book(self, level: StockLevel) -> str:
        query = urlencode({"warehouse": level.warehouse_id, "sku": level.variant.sku})
        address = reverse("admin:fulfillment_stockmovement_add")
        return format_html('<a href="{}?{}">{}</a>', address, query, _("Book stock"))


class BookStockForm(forms.ModelForm):  # type: ignore[type-arg]
    """A receipt or a count of one variant in one warehouse, by sku or barcode."""

    warehouse = forms.ModelChoiceField(
        label=_("warehouse"),
        queryset=Warehouse.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget,
    )
    sku = forms.CharField(label=_("SKU or barcode"), widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[(Kind.RECEIPT, Kind.RECEIPT.label), (Kind.COUNT, Kind.COUNT.label)],
        widget=UnfoldAdminSelectWidget,
    )
    units = forms.IntegerField(
        label=_("units"),
        min_value=0,
        help_text=_("What arrived, or what was counted."),
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = StockMovement
        fields = ("warehouse", "kind", "reference")

    def clean_sku(self) -> Variant:
        wanted = self.cleaned_data["sku"].strip()
        found = list(Variant.objects.filter(Q(sku=wanted) | Q(barcode=wanted))[:2])
        if len(found) != 1:
            raise ValidationError(
                _("Several variants have this barcode; enter the SKU.")
                if found
                else _("No variant has this SKU or barcode.")
            )
        return found[0]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data is None or self.errors:
            return data
        if data["kind"] == Kind.RECEIPT and data["units"] < 1:
            self.add_error("units", _("A receipt is of one unit or more."))
        elif data["kind"] == Kind.COUNT:
            self._check_count(data)
        return data

    def _check_count(self, data: dict[str, Any]) -> None:
        # Locked until the admin's transaction ends: what is checked here is what is booked.
        level = (
            StockLevel.objects.select_for_update(of=("self",))
            .filter(warehouse=data["warehouse"], variant=data["sku"])
            .first()
        )
        on_hand, reserved = (level.on_hand, level.reserved) if level else (0, 0)
        if data["units"] < reserved:
            self.add_error(
                "units",
                _("%(units)d units are reserved for orders; deal with those first.")
                % {"units": reserved},
            )
        elif data["units"] == on_hand:
            self.add_error("units", _("So many are on hand already; there is nothing to book."))


@admin.register(StockMovement)
class StockMovementAdmin(ModelAdmin):
    list_display = ("occurred_at", "kind", "quantity", "sku", "warehouse", "reference", "user")
    list_filter = ("kind", "warehouse")
    list_select_related = ("variant", "warehouse", "user")
    search_fields = ("variant__sku", "reference")
    date_hierarchy = "occurred_at"
    form = BookStockForm
    fields = ("warehouse", "variant", "kind", "quantity", "reference", "user", "occurred_at")
    add_fields = ("warehouse", "sku", "kind", "units", "reference")

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return movement.variant.sku

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fields if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: StockMovement, form: Any, change: bool) -> None:
        data = form.cleaned_data
        book = receive_stock if data["kind"] == Kind.RECEIPT else count_stock
        movement = book(
            data["warehouse"],
            data["sku"],
            data["units"],
            reference=data["reference"],
            now=timezone.now(),
            user=request.user,
        )
        obj.__dict__.update(vars(movement))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReservationLineInline(ReadOnly, TabularInline):
    model = ReservationLine
    extra = 0
    fields = ("variant", "warehouse", "quantity")


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "status", "expires_at", "created_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("order__number",)
    inlines: ClassVar = [ReservationLineInline]
