from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from fulfillment.admin.work_pages import WorkPages
from fulfillment.errors import BadCount, CountOpen
from fulfillment.models import StockCount, Warehouse
from fulfillment.stock.counts import approve_count, read_count, reject_count
from orders.errors import StaleTransition

S = StockCount.Status
MOST_BYTES = 4_000_000
MOST_SHOWN = 500


class CountForm(forms.Form):
    """A file of what was counted; its problems are shown by line and column."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("warehouse"),
        queryset=Warehouse.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=gettext_lazy("note"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Its first line names the columns: sku or barcode, and counted."),
        widget=UnfoldAdminFileFieldWidget,
    )

    def clean_file(self) -> list[str]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large: 4 MB at most."))
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not in UTF-8.")) from None
        return text.splitlines()


@admin.register(StockCount)
class StockCountAdmin(WorkPages):
    """Counts: uploading wants the right to add one, approving and rejecting that to change it."""

    list_display = ("number", "warehouse", "status", "counted", "differing", "created_at", "note")
    list_filter = ("status", "warehouse")
    list_select_related = ("warehouse",)
    search_fields = ("number", "note", "lines__variant__sku")
    date_hierarchy = "created_at"
    fields = (
        ("number", "status"), ("warehouse", "note"), ("counted_by", "created_at"),
        ("decided_by", "decided_at"),
    )  # fmt: skip
    change_form_outer_after_template = "fulfillment/admin/_count_work.html"
    works = ("approve", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockCount]:
        counts: QuerySet[StockCount] = super().get_queryset(request)
        return counts.annotate(
            all_lines=Count("lines"),
            differences=Count("lines", filter=~Q(lines__counted=F("lines__expected"))),
        )

    @admin.display(description=gettext_lazy("counted variants"), ordering="all_lines")
    def counted(self, count: Any) -> int:
        return int(count.all_lines)

    @admin.display(description=gettext_lazy("differences"), ordering="differences")
    def differing(self, count: Any) -> int:
        return int(count.differences)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = CountForm(request.POST, request.FILES) if is_sent else CountForm()
        problems: Any = ()
        if form.is_valid():
            data = form.cleaned_data
            try:
                count = read_count(
                    data["file"],
                    data["warehouse"],
                    now=timezone.now(),
                    note=data["note"],
                    user=request.user,
                )
            except BadCount as error:
                problems = error.problems
            except CountOpen as error:
                words = _("%(number)s counts the same goods and is open. Decide on it first.")
                form.add_error("file", words % {"number": error.number})
            else:
                return self.back(count)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Upload a stock count"),
            "form": form,
            "problems": problems,
            "adminform": _fieldset(form),
            "inline_admin_formsets": [],
        }
        return TemplateResponse(request, "fulfillment/admin/count_upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {**_differences(object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    def approve_page(self, request: HttpRequest, count: StockCount) -> HttpResponse:
        if request.method != "POST":
            return self.back(count)
        try:
            blocked = approve_count(count.pk, now=timezone.now(), user=request.user)
        except StaleTransition:
            return self._stale(request, count)
        if blocked:
            title = _("%(number)s cannot be booked yet") % {"number": count.number}
            return self.show(request, count, "count_blocked", title=title, blocked=blocked)
        self.message_user(request, _("The count is booked."), messages.SUCCESS)
        return self.back(count)

    def reject_page(self, request: HttpRequest, count: StockCount) -> HttpResponse:
        if request.method != "POST":
            return self.back(count)
        try:
            reject_count(count.pk, now=timezone.now(), user=request.user)
        except StaleTransition:
            return self._stale(request, count)
        self.message_user(request, _("The count is set aside."), messages.SUCCESS)
        return self.back(count)

    def _stale(self, request: HttpRequest, count: StockCount) -> HttpResponse:
        count.refresh_from_db()
        words = {"number": count.number, "state": count.get_status_display()}
        self.message_user(
            request,
            _("Nothing changed: %(number)s is already in the state “%(state)s”.") % words,
            messages.WARNING,
        )
        return self.back(count)


def _fieldset(form: Any) -> AdminForm:
    """Give the form as the admin's other pages have theirs."""
    return AdminForm(form, [(None, {"fields": list(form.fields)})], {})


def _differences(object_id: str) -> dict[str, Any]:
    if not object_id.isdigit():
        return {}
    count = StockCount.objects.filter(pk=object_id).first()
    if count is None:
        return {}
    lines = count.lines.select_related("variant__product").exclude(counted=F("expected"))
    total = lines.count()
    return {
        "differences": [(line, line.counted - line.expected) for line in lines[:MOST_SHOWN]],
        "more": max(0, total - MOST_SHOWN),
        "agreeing": count.lines.count() - total,
    }
