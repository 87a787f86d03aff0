"""Files of law in admin: choose one, look at what it would change, take it; and give tables out."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from markets.law_files import (
    BYTE_ORDER_MARK,
    HS_CODES,
    LAW_TABLES,
    MOST_BYTES,
    BadFile,
    Change,
    Kind,
    LawFile,
    PastRewritten,
    Plan,
    PlanChanged,
    column_words,
    export_lines,
    plan_file,
    take_file,
)
from markets.law_files.rows import is_needed

# A page of more is read by nobody; the counts above the table are of all.
_MOST_SHOWN = 300
_KEPT_SECONDS = 3600
_KINDS = {
    Kind.NEW: pgettext_lazy("row of law", "new"),
    Kind.CHANGED: pgettext_lazy("row of law", "changed"),
    Kind.ENDED: pgettext_lazy("row of law", "ends"),
}


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV from a spreadsheet. You see what it changes before anything is written."),
    )
    source = forms.CharField(
        label=_("source"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Noted on each row for which the file names none. Empty is the file’s name."),
    )  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)d MB."), params={"most": MOST_BYTES // 1_000_000}
            )
        return file


class RatesFileForm(FileForm):
    valid_from = forms.DateField(
        label=_("valid from"), required=False, widget=UnfoldAdminSingleDateWidget,
        help_text=_(
            "The day on which the rates of a list of current rates (JSON) begin. Empty is the day "
            "that the list is of."
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Column:
    """What a column of a file is, for the import page."""

    name: str
    label: str
    meaning: str
    values: str
    is_needed: bool


@dataclass(frozen=True)
class ShownChange:
    kind: str
    label: str
    row: str
    time: str
    differences: tuple[str, ...]
    line: int
    rewrites_past: bool
    note: str


class LawFileAdmin(ModelAdmin):
    """A table of law with a page that takes a file over, and its download as such a file."""

    list_before_template = "markets/admin/_law_links.html"
    table: ClassVar[str]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("import/", view(self.import_file), name=f"{name}_import"),
            path("export/", view(self.export_file), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {
            "import_address": self._address("import") if self.may_import(request) else "",
            "export_address": self._address("export"),
        }
        answer: HttpResponse = super().changelist_view(request, {**shown, **(extra_context or {})})
        return answer

    def may_import(self, request: HttpRequest) -> bool:
        """Say whether the user may add and change rows, which a file does."""
        label, name = self.opts.app_label, self.opts.model_name
        return request.user.has_perms([f"{label}.add_{name}", f"{label}.change_{name}"])

    def export_file(self, request: HttpRequest) -> StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        lines = (BYTE_ORDER_MARK + line if not n else line for n, line in enumerate(self._lines()))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"{self.table}-{timezone.localdate()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _lines(self) -> Any:
        return export_lines(self.table)

    def import_file(self, request: HttpRequest) -> HttpResponse:
        if not self.may_import(request):
            raise PermissionDenied
        if request.method == "POST" and "token" in request.POST:
            return self._confirm(request)
        has_day = self.table == "tax_rates"
        form = (RatesFileForm if has_day else FileForm)(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            uploaded = form.cleaned_data["file"]
            file = LawFile(
                self.table, uploaded.read(),
                source=(form.cleaned_data["source"] or uploaded.name)[:300],
                on=form.cleaned_data.get("valid_from"),
            )  # fmt: skip
            plan = plan_file(file, today=timezone.localdate())
            if not plan.problems:
                return self._preview(request, file, plan, name=uploaded.name)
            return self._form_page(request, form, plan)
        return self._form_page(request, form, Plan())

    def _form_page(self, request: HttpRequest, form: FileForm, plan: Plan) -> HttpResponse:
        context = {
            **self._context(request),
            "form": form,
            "problems": plan.problems[:_MOST_SHOWN],
            "more_problems": max(0, len(plan.problems) - _MOST_SHOWN),
            "columns": columns_of(self.table, self.model),
            "takes_vat_lists": self.table == "tax_rates",
            "is_dated": self.table != HS_CODES,
        }
        return TemplateResponse(request, "markets/admin/import_file.html", context)

    def _preview(
        self, request: HttpRequest, file: LawFile, plan: Plan, *, name: str, told: str = ""
    ) -> HttpResponse:
        token = secrets.token_urlsafe(24)
        cache.set(_kept_as(request, token), (file, name, plan.fingerprint), _KEPT_SECONDS)
        context = {
            **self._context(request),
            "title": _("What the file changes"),
            "token": token,
            "name": name,
            "told": told,
            "plan": plan,
            "counted": _counted(plan),
            "changes": [show_change(change) for change in plan.changes[:_MOST_SHOWN]],
            "more_changes": max(0, len(plan.changes) - _MOST_SHOWN),
            "again": self._address("import"),
        }
        return TemplateResponse(request, "markets/admin/import_preview.html", context)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        kept = cache.get(_kept_as(request, request.POST["token"]))
        if kept is None or kept[0].table != self.table:
            messages.error(request, _("The file is no longer kept. Choose it once more."))
            return HttpResponseRedirect(self._address("import"))
        file, name, fingerprint = kept
        today = timezone.localdate()
        may_rewrite = request.POST.get("rewrite_past") == "yes"
        told: Any
        try:
            plan = take_file(file, today=today, fingerprint=fingerprint, rewrite_past=may_rewrite)
        except PlanChanged:
            told = _("The table has changed meanwhile. This is what the file changes now:")
        except PastRewritten:
            told = _("Agree that the past changes, or take the rows out of the file.")
        except BadFile as error:
            return self._form_page(request, FileForm(), Plan(problems=error.problems))
        else:
            cache.delete(_kept_as(request, request.POST["token"]))
            self._log(request, name, plan)
            messages.success(request, _counted(plan))
            return HttpResponseRedirect(self._address("changelist"))
        return self._preview(request, file, plan_file(file, today=today), name=name, told=str(told))

    def _log(self, request: HttpRequest, name: str, plan: Plan) -> None:
        LogEntry.objects.create(
            user_id=request.user.pk or 0,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=name[:200],
            action_flag=CHANGE,
            change_message=_counted(plan),
        )

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": _("Import a file"),
            "opts": self.opts,
            "back": self._address("changelist"),
            "export_address": self._address("export"),
        }

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")


def columns_of(table: str, model: type[models.Model]) -> list[Column]:
    """Describe the columns of a table's file in the reader's language."""
    if table == HS_CODES:
        fields = [field for field in model._meta.concrete_fields if field.name != "level"]
    else:
        fields = LAW_TABLES[table].columns
    return [
        Column(
            field.name, str(field.verbose_name), str(field.help_text), column_words(field),
            is_needed(field),
        )
        for field in fields
    ]  # fmt: skip


def show_change(change: Change) -> ShownChange:
    """Write a change for people."""
    row = change.row
    names = {column.name: column.verbose_name for column in row._meta.concrete_fields}
    differences = tuple(
        f"{names[name]}: {_written(row, name, was)} → {_written(row, name, now)}"
        for name, was, now in change.differences
        if name != "valid_to" or change.kind is Kind.CHANGED
    )
    return ShownChange(
        kind=change.kind.value, label=str(_KINDS[change.kind]), row=str(row), time=_time(row),
        differences=differences, line=change.line, rewrites_past=change.rewrites_past,
        note=change.note,
    )  # fmt: skip


def _time(row: Any) -> str:
    """Say from which day to which last day a row holds."""
    if not hasattr(row, "valid_from"):
        return ""
    begins = date_format(row.valid_from, "SHORT_DATE_FORMAT")
    if row.valid_to is None:
        return str(_("from %(begins)s")) % {"begins": begins}
    last = date_format(row.valid_to - timedelta(days=1), "SHORT_DATE_FORMAT")
    return str(_("from %(begins)s through %(last)s")) % {"begins": begins, "last": last}


def _written(row: models.Model, name: str, value: Any) -> str:
    field = row._meta.get_field(name)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(field, models.DecimalField) and value is not None:
        return f"{value.normalize():f}"
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value)) if value not in (None, "") else "–"


def _counted(plan: Plan) -> str:
    counts = {kind.value: plan.count(kind) for kind in Kind}
    told = _("Rows: %(new)d new, %(changed)d changed, %(ended)d ended, %(unchanged)d unchanged.")
    return str(told) % {**counts, "unchanged": plan.unchanged}


def _kept_as(request: HttpRequest, token: str) -> str:
    """Name a kept file; only who sent it can take it."""
    return f"law-file:{request.user.pk}:{token}"
