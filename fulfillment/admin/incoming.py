from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldBooleanWidget

from fulfillment.admin.filters import MarketFilter
from fulfillment.admin.variant_field import VariantField
from fulfillment.admin.work_pages import WorkPages
from fulfillment.errors import NotExpected
from fulfillment.models import IncomingStock
from fulfillment.stock.incoming import announce_stock, receive_incoming


class IncomingForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_expected_on(self) -> date:
        day: date = self.cleaned_data["expected_on"]
        if "expected_on" in self.changed_data and day < timezone.now().date():
            raise forms.ValidationError(_("This day has passed."))
        return day


class AnnounceForm(IncomingForm):
    variant = VariantField()
    quantity = forms.IntegerField(
        label=gettext_lazy("quantity"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )


class ReceiveForm(forms.Form):
    units = forms.IntegerField(
        label=gettext_lazy("units that came"), min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    closes = forms.BooleanField(
        label=gettext_lazy("Nothing more of it will come."),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    # As it was when the page was made: sent twice, it is booked once.
    received = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("units") == 0 and not data.get("closes"):
            self.add_error("units", _("A receipt is of one unit or more."))
        return data


class OpenFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("to come")),
            ("late", gettext_lazy("overdue")),
            ("closed", gettext_lazy("closed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "open":
                return queryset.filter(closed_at=None)
            case "late":
                today = timezone.now().date()
                return queryset.filter(closed_at=None, expected_on__lt=today)
            case "closed":
                return queryset.exclude(closed_at=None)
        return queryset


@admin.register(IncomingStock)
class IncomingStockAdmin(WorkPages):
    list_display = (
        "expected_on", "sku", "product", "warehouse", "quantity", "received", "reference", "work",
    )  # fmt: skip
    list_display_links = ("expected_on", "sku")
    list_filter = (OpenFilter, "warehouse", MarketFilter)
    list_select_related = ("variant__product", "warehouse", "transfer_line")
    search_fields = ("variant__sku", "variant__barcode", "reference")
    date_hierarchy = "expected_on"
    fields = (("warehouse", "variant"), ("quantity", "expected_on"), "reference")
    change_form_outer_before_template = "fulfillment/admin/_incoming_work.html"
    works = ("receive",)

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, incoming: IncomingStock) -> str:
        return incoming.variant.sku

    @admin.display(description=gettext_lazy("product"), ordering="variant__product__title")
    def product(self, incoming: IncomingStock) -> str:
        return incoming.variant.product.title

    @admin.display(description=gettext_lazy("state"), ordering=F("closed_at").asc(nulls_first=True))
    def work(self, incoming: IncomingStock) -> str:
        if incoming.closed_at:
            return _("closed")
        if incoming.expected_on < timezone.now().date():
            return _("overdue")
        return _("to come")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = AnnounceForm if obj is None else IncomingForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else (*self.fields, ("received", "closed_at"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("warehouse", "variant", "quantity", "received", "closed_at")

    def save_model(self, request: HttpRequest, obj: IncomingStock, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
            return
        data = form.cleaned_data
        row = announce_stock(
            data["warehouse"],
            data["variant"],
            data["quantity"],
            expected_on=data["expected_on"],
            reference=data["reference"],
        )
        obj.__dict__.update(vars(row))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or obj.closed_at is None
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def receive_page(self, request: HttpRequest, incoming: IncomingStock) -> HttpResponse:
        if incoming.closed_at or incoming.transfer_line_id:
            return self.back(incoming)
        left = max(0, incoming.quantity - incoming.received)
        data = request.POST if request.method == "POST" else None
        form = ReceiveForm(data, initial={"units": left, "received": incoming.received})
        if form.is_valid():
            return self._receive(request, incoming, form.cleaned_data)
        title = _("Receive %(sku)s") % {"sku": incoming.variant.sku}
        return self.show(request, incoming, "incoming_receive", title=title, form=form, left=left)

    def _receive(
        self, request: HttpRequest, incoming: IncomingStock, data: dict[str, Any]
    ) -> HttpResponse:
        try:
            receive_incoming(
                incoming,
                data["units"],
                now=timezone.now(),
                closes=data["closes"],
                received=data["received"],
                user=request.user,
            )
        except NotExpected:
            words = _("Nothing was booked: it was received in the meantime. Look at what came.")
            self.message_user(request, words, messages.WARNING)
        else:
            self.message_user(request, _("The delivery is booked."), messages.SUCCESS)
        return self.back(incoming)
