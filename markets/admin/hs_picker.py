"""Finding a variant's HS code: suggestions while typing, and a page that works without a script."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.models import Variant
from markets.landed_cost.hs_codes import find_hs_codes, lineage_of


@require_GET
def search_hs_codes(request: HttpRequest) -> JsonResponse:
    """Answer what fits `q`, by words or by the beginning of a code, as JSON."""
    if not _may_look(request):
        raise PermissionDenied
    found = [code for code in find_hs_codes(request.GET.get("q", "")) if code.level == 6]
    above = lineage_of(found)
    return JsonResponse({
        "results": [
            {"code": code.code, "description": code.description, "within": above[code.code]}
            for code in found
        ]
    })  # fmt: skip


def choose_hs_code(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Show what fits, and write the chosen code to the variant."""
    if not request.user.has_perm("catalog.change_variant"):
        raise PermissionDenied
    variant = get_object_or_404(Variant.objects.select_related("product"), pk=variant_id)
    if request.method == "POST":
        return _choose(request, variant)
    asked = request.GET.get("q", variant.product.title if not variant.hs_code else "")
    found = find_hs_codes(asked)
    above = lineage_of(found)
    context = {
        **admin.site.each_context(request),
        "title": _("Find the HS code"),
        "opts": Variant._meta,
        "variant": variant,
        "asked": asked,
        "found": [(code, above[code.code]) for code in found],
    }
    return TemplateResponse(request, "markets/admin/choose_hs_code.html", context)


def _choose(request: HttpRequest, variant: Variant) -> HttpResponse:
    variant.hs_code = request.POST.get("code", "")
    try:
        variant.clean_fields(exclude=[
            field.name for field in Variant._meta.fields if field.name != "hs_code"
        ])  # fmt: skip
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(request.get_full_path())
    variant.save(update_fields=["hs_code", "changed_at"])
    LogEntry.objects.log_actions(
        request.user.pk or 0,
        [variant],
        CHANGE,
        [{"changed": {"fields": ["HS code"]}}],
        single_object=True,
    )
    messages.success(
        request, _("%(sku)s has the HS code %(code)s.")
        % {"sku": variant.sku, "code": variant.hs_code},
    )  # fmt: skip
    return HttpResponseRedirect(reverse("admin:catalog_variant_change", args=[variant.pk]))


def _may_look(request: HttpRequest) -> bool:
    return request.user.has_perm("markets.view_hscode") or request.user.has_perm(
        "catalog.change_variant"
    )
