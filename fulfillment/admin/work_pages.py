"""Pages on which something is done with a row, beside the form of its fields."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin


class WorkPages(ModelAdmin):
    """`<id>/<work>/` is answered by the method `<work>_page`, for who may change the model.

    Services end their own transactions, so the pages stand outside of the admin's.
    """

    works: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = [
            path(
                f"<int:pk>/{work}/",
                self.admin_site.admin_view(self._guarded(work)),
                name=f"{stem}_{work}",
            )
            for work in self.works
        ]
        return [*pages, *super().get_urls()]

    def may_work(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def show(self, request: HttpRequest, row: Any, template: str, **shown: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "back": self.address(row),
            **shown,
        }
        return TemplateResponse(request, f"fulfillment/admin/{template}.html", context)

    def back(self, row: Any) -> HttpResponse:
        return redirect(self.address(row))

    def address(self, row: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {"may_work": self.may_work(request), **(extra_context or {})}
        view: HttpResponse = super().change_view(request, object_id, form_url, shown)
        return view

    def _guarded(self, work: str) -> Any:
        page = getattr(self, f"{work}_page")

        def guarded(request: HttpRequest, pk: int) -> HttpResponse:
            row = get_object_or_404(self.get_queryset(request), pk=pk)
            if not self.may_work(request):
                raise PermissionDenied
            answer: HttpResponse = page(request, row)
            return answer

        return guarded
