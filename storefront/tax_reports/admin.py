from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from orders.models import ThresholdAlarm
from orders.tax_reports.exporting import write_watched_csv
from orders.tax_reports.files import CSV, FINLAND
from orders.tax_reports.nexus import list_watched
from orders.tax_reports.reading import REPORTS
from storefront.tax_reports import pages
from storefront.tax_reports.choices import read_choice
from storefront.tax_reports.filing import mark_as_filed
from storefront.tax_reports.tables import TITLES
from storefront.wording import amount_text

FILES = "orders.add_filedreturn"
_Page = Callable[..., HttpResponse]


@admin.register(ThresholdAlarm)
class ThresholdAlarmAdmin(ModelAdmin):
    """Alarms about thresholds, and around them the pages of what is owed to the state."""

    list_display = (
        "threshold", "legal_entity", "level", "sold", "orders", "raised_at", "cleared_at",
    )  # fmt: skip
    list_filter = ("level", "legal_entity", ("cleared_at", admin.EmptyFieldListFilter))
    list_select_related = ("threshold", "legal_entity")
    list_before_template = "admin/tax_reports/_links.html"

    @admin.display(description=_("sold"), ordering="amount")
    def sold(self, alarm: ThresholdAlarm) -> str:
        return amount_text(alarm.amount, alarm.threshold.currency)

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, _Page, str]] = [
            ("reports/", self.overview_page, "tax_reports"),
            ("reports/filed/", self.filed_page, "tax_filed_returns"),
            ("reports/<slug:name>/", self.report_page, "tax_report"),
            ("reports/<slug:name>/file/", self.file, "tax_report_file"),
            ("reports/<slug:name>/documents/", self.documents_page, "tax_report_documents"),
            ("reports/<slug:name>/csv/", self.report_csv, "tax_report_csv"),
            ("reports/oss/finland/", self.finnish_csv, "tax_report_finland"),
            ("thresholds/", self.thresholds_page, "tax_thresholds"),
            ("thresholds/csv/", self.thresholds_csv, "tax_thresholds_csv"),
        ]
        urls: list[URLPattern] = super().get_urls()
        return [
            *(path(where, self._guarded(page), name=name) for where, page, name in pages),
            *urls,
        ]

    def overview_page(self, request: HttpRequest) -> HttpResponse:
        shown = pages.overview(request.GET, today=timezone.now().date())
        return self._page(request, "overview", _("Tax reports"), shown)

    def report_page(self, request: HttpRequest, name: str) -> HttpResponse:
        _known(name)
        shown = pages.report_page(name, request.GET, now=timezone.now())
        shown["may_file"] = request.user.has_perm(FILES)
        return self._page(request, "report", TITLES[name], shown)

    def filed_page(self, request: HttpRequest) -> HttpResponse:
        shown = pages.filed_page(request.GET, today=timezone.now().date())
        return self._page(request, "filed", _("Filed returns"), shown)

    def file(self, request: HttpRequest, name: str) -> HttpResponse:
        _known(name)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(FILES):
            raise PermissionDenied
        now = timezone.now()
        choice = read_choice(request.POST, report=name, today=now.date())
        problem = (
            mark_as_filed(name, choice, by=request.user.get_username(), now=now)
            if request.POST.get("sure")
            else gettext("Tick the box first. Nothing was filed.")
        )
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, gettext("The return is kept as it was filed."))
        return redirect(f"{reverse('admin:tax_report', args=[name])}?{choice.query}")

    def documents_page(self, request: HttpRequest, name: str) -> HttpResponse:
        _known(name)
        shown = pages.documents_page(name, request.GET, today=timezone.now().date())
        return self._page(request, "documents", TITLES[name], shown)

    def thresholds_page(self, request: HttpRequest) -> HttpResponse:
        shown = pages.thresholds_page(request.GET, today=timezone.now().date())
        return self._page(request, "thresholds", _("Tax thresholds"), shown)

    def report_csv(self, request: HttpRequest, name: str) -> HttpResponse:
        _known(name)
        return self._download(request, name, CSV, as_name=name)

    def finnish_csv(self, request: HttpRequest) -> HttpResponse:
        return self._download(request, "oss", FINLAND, as_name="oss-fi")

    def _download(
        self, request: HttpRequest, name: str, kind: str, *, as_name: str
    ) -> HttpResponse:
        choice = read_choice(request.GET, report=name, today=timezone.now().date())
        files, problem = pages.files_of(name, choice)
        if problem:
            return HttpResponse(problem, status=409, content_type="text/plain; charset=utf-8")
        return _file(files[kind], f"{as_name}-{choice.period}.csv")

    def thresholds_csv(self, request: HttpRequest) -> HttpResponse:
        today = timezone.now().date()
        choice = read_choice(request.GET, today=today)
        watched = list_watched(choice.entity, on=today) if choice.entity else []
        return _file(write_watched_csv(watched), f"thresholds-{today}.csv")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _guarded(self, page: _Page) -> _Page:
        def guarded(request: HttpRequest, **fields: str) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return page(request, **fields)

        view: _Page = self.admin_site.admin_view(guarded)
        return view

    def _page(
        self, request: HttpRequest, template: str, title: Any, shown: dict[str, Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "title": title, "opts": self.opts, **shown,
        }  # fmt: skip
        return TemplateResponse(request, f"admin/tax_reports/{template}.html", context)


def _known(name: str) -> None:
    if name not in REPORTS:
        raise Http404


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
