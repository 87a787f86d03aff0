from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from fulfillment.admin.variant_field import VariantField
from fulfillment.admin.work_pages import WorkPages
from fulfillment.errors import StockShort
from fulfillment.models import Sellable, Transfer, TransferLine
from fulfillment.stock.transfers import (
    Arrival,
    begin_transfer,
    cancel_transfer,
    receive_transfer,
    ship_transfer,
)
from orders.errors import StaleTransition

S = Transfer.Status


class TransferForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_expected_on(self) -> date:
        day: date = self.cleaned_data["expected_on"]
        if "expected_on" in self.changed_data and day < timezone.now().date():
            raise forms.ValidationError(_("This day has passed."))
        return day

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        origin = data.get("origin")
        if origin is not None and origin == data.get("destination"):
            self.add_error("destination", _("A transfer goes to another warehouse."))
        return data


class TransferLineForm(forms.ModelForm):  # type: ignore[type-arg]
    variant = VariantField()
    quantity = forms.IntegerField(
        label=gettext_lazy("quantity"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )


class ReceivedForm(forms.Form):
    """What came of one line; fewer units than were sent want a reason."""

    received = forms.IntegerField(
        label=gettext_lazy("received"), min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    reason = forms.CharField(
        label=gettext_lazy("reason of the difference"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, data: Any, *, line: TransferLine) -> None:
        super().__init__(data, prefix=str(line.pk), initial={"received": line.quantity})
        self.line = line

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        received = given.get("received")
        if received is not None and received > self.line.quantity:
            sent = {"sent": self.line.quantity}
            self.add_error("received", _("Only %(sent)d were sent.") % sent)
        elif received is not None and received < self.line.quantity and not given.get("reason"):
            self.add_error("reason", _("Say why some are missing."))
        return given


class TransferLineInline(TabularInline):
    model = TransferLine
    form = TransferLineForm
    extra = 0
    min_num = 1
    tab = False

    def get_fields(self, request: HttpRequest, obj: Transfer | None = None) -> Any:
        if obj is None or obj.status == S.DRAFT:
            return ("variant", "quantity")
        return ("variant", "quantity", "received", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TransferLine]:
        lines: QuerySet[TransferLine] = super().get_queryset(request)
        return lines.select_related("variant__product")

    def _is_open(self, request: HttpRequest, obj: Transfer | None) -> bool:
        right = "change" if obj else "add"
        return (obj is None or obj.status == S.DRAFT) and request.user.has_perm(
            f"fulfillment.{right}_transfer"
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj)


@admin.register(Transfer)
class TransferAdmin(WorkPages):
    list_display = ("number", "origin", "destination", "status", "units", "expected_on")
    list_filter = ("status", "origin", "destination")
    list_select_related = ("origin", "destination")
    search_fields = ("number", "lines__variant__sku")
    date_hierarchy = "expected_on"
    form = TransferForm
    inlines: ClassVar = [TransferLineInline]
    fields = (("origin", "destination"), ("expected_on", "note"))
    readonly_fields = ("number", "status", "user", "created_at", "shipped_at", "received_at")
    change_form_outer_before_template = "fulfillment/admin/_transfer_work.html"
    works = ("ship", "receive", "cancel")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        transfers: QuerySet[Transfer] = super().get_queryset(request)
        return transfers.annotate(in_all=Sum("lines__quantity"))

    @admin.display(description=gettext_lazy("units"), ordering="in_all")
    def units(self, transfer: Any) -> int:
        return transfer.in_all or 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        return (
            ("number", "status"), *self.fields,
            ("user", "created_at"), ("shipped_at", "received_at"),
        )  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            begin_transfer(obj, now=timezone.now(), user=request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or obj.status == S.DRAFT
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def ship_page(self, request: HttpRequest, transfer: Transfer) -> HttpResponse:
        if transfer.status != S.DRAFT:
            return self._stale(request, transfer)
        if request.method == "POST":
            return self._ship(request, transfer)
        lines = list(transfer.lines.select_related("variant__product"))
        free = dict(
            Sellable.objects.filter(
                warehouse=transfer.origin_id, variant__in=[line.variant_id for line in lines]
            ).values_list("variant_id", "units")
        )
        rows = [(line, free.get(line.variant_id, 0)) for line in lines]
        title = _("Ship %(number)s") % {"number": transfer.number}
        return self.show(request, transfer, "transfer_ship", title=title, rows=rows)

    def receive_page(self, request: HttpRequest, transfer: Transfer) -> HttpResponse:
        if transfer.status != S.SHIPPED:
            return self._stale(request, transfer)
        data = request.POST if request.method == "POST" else None
        lines = transfer.lines.select_related("variant__product").order_by("id")
        rows = [ReceivedForm(data, line=line) for line in lines]
        # Each is looked at, so that every problem is shown at once.
        if data is not None and not [row for row in rows if not row.is_valid()]:
            return self._receive(request, transfer, rows)
        title = _("Receive %(number)s") % {"number": transfer.number}
        return self.show(request, transfer, "transfer_receive", title=title, forms=rows)

    def cancel_page(self, request: HttpRequest, transfer: Transfer) -> HttpResponse:
        if request.method != "POST":
            return self.back(transfer)
        try:
            cancel_transfer(transfer.pk)
        except StaleTransition:
            return self._stale(request, transfer)
        self.message_user(request, _("The transfer is cancelled."), messages.SUCCESS)
        return self.back(transfer)

    def _ship(self, request: HttpRequest, transfer: Transfer) -> HttpResponse:
        try:
            ship_transfer(transfer.pk, now=timezone.now(), user=request.user)
        except StaleTransition:
            return self._stale(request, transfer)
        except StockShort as error:
            words = _("Fewer units are there that no order holds than are to go: %(skus)s.")
            self.message_user(request, words % {"skus": ", ".join(error.skus)}, messages.ERROR)
        except ValueError:
            self.message_user(request, _("There is nothing to ship: add lines."), messages.ERROR)
        else:
            self.message_user(request, _("The transfer is on its way."), messages.SUCCESS)
        return self.back(transfer)

    def _receive(
        self, request: HttpRequest, transfer: Transfer, rows: list[ReceivedForm]
    ) -> HttpResponse:
        arrivals = {
            row.line.pk: Arrival(row.cleaned_data["received"], row.cleaned_data["reason"])
            for row in rows
        }
        try:
            receive_transfer(transfer.pk, arrivals, now=timezone.now(), user=request.user)
        except StaleTransition:
            return self._stale(request, transfer)
        self.message_user(request, _("The transfer is received."), messages.SUCCESS)
        return self.back(transfer)

    def _stale(self, request: HttpRequest, transfer: Transfer) -> HttpResponse:
        transfer.refresh_from_db()
        words = {"number": transfer.number, "state": transfer.get_status_display()}
        self.message_user(
            request,
            _("Nothing changed: %(number)s is already in the state “%(state)s”.") % words,
            messages.WARNING,
        )
        return self.back(transfer)
