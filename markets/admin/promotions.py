import csv
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from markets.admin.promotion_forms import (
    END,
    PUBLISH,
    AmountForm,
    AmountFormSet,
    BatchForm,
    CouponForm,
    PromotionForm,
)
from markets.models import Coupon, Market, Promotion, PromotionAmount, PromotionVersion
from markets.promotions import (
    MissingAmounts,
    end_promotion,
    make_coupons,
    publish_promotion,
    renew_promotion,
)
from markets.promotions.publishing import find_missing_amounts
from markets.promotions.versions import write_terms
from markets.promotions.wording import describe_terms, explain_missing, read_names

# What services keep, and no form writes over.
_KEPT = ("id", "status", "used", "created_at")


class AmountInline(TabularInline):
    model = PromotionAmount
    form = AmountForm
    formset = AmountFormSet
    hide_title = True
    verbose_name_plural = _("amounts and minimum spend per currency")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(_open_currencies(obj))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "currency":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        known = set(Market.objects.values_list("currency", flat=True))
        known |= set(PromotionAmount.objects.values_list("currency", flat=True))
        return forms.ChoiceField(
            label=db_field.verbose_name,
            choices=[(currency, currency) for currency in ("", *sorted(known))],
            widget=UnfoldAdminSelectWidget,
        )


class VersionFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_queryset(self) -> Any:
        """Give the versions with the names that their words need, read once for all of them."""
        versions: Any = super().get_queryset()
        names = read_names(version.terms for version in versions)
        for version in versions:
            version.names = names
        return versions


class VersionInline(TabularInline):
    model = PromotionVersion
    formset = VersionFormSet
    fields = ("number", "words", "made_at", "made_by", "replaced_at")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    can_delete = False
    hide_title = True
    verbose_name_plural = _("what shoppers had, and have")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromotionVersion]:
        versions: QuerySet[PromotionVersion] = super().get_queryset(request)
        return versions.select_related("made_by")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("terms"))
    def words(self, version: Any) -> str:
        return describe_terms(version.terms, version.names)


@admin.register(Promotion)
class PromotionAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]
    form = PromotionForm
    list_display = (
        "name", "state", "words", "valid_from", "valid_to", "priority", "uses", "missing",
    )  # fmt: skip
    list_filter = ("status", "action", "needs_coupon", "markets")
    search_fields = ("name", "note", "coupons__code")
    readonly_fields = ("state", "words", "uses", "missing")
    autocomplete_fields = (
        "markets", "customer_groups", "categories", "products", "excluded_products",
    )  # fmt: skip
    inlines: ClassVar = [AmountInline, VersionInline]
    actions_submit_line: ClassVar = ["publish", "end"]
    conditional_fields: ClassVar = {
        "percent": "action == 'percent' || action == 'buy_x_get_y'",
        **dict.fromkeys(("buy_quantity", "get_quantity", "most_times"), "action == 'buy_x_get_y'"),
    }
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("words", "state", "uses", "missing")}),
        (_("What it does"), {
            "fields": ("action", "percent", "buy_quantity", "get_quantity", "most_times"),
            "description": _("Amounts and minimum spend stand below, by currency."),
        }),
        (_("Where and for what"), {"fields": (
            "markets", "customer_groups", "categories", "products", "excluded_products",
        )}),
        (_("When"), {"fields": ("valid_from", "valid_to")}),
        (_("Conditions and limits"), {"fields": (
            "needs_coupon", "min_quantity", "use_limit", "customer_limit",
        )}),
        (_("Beside other promotions"), {"fields": ("priority", "combines", "note")}),
        *(
            (name, {"classes": ["tab"], "fields": [build_localized_fieldname("name", language)]})
            for language, name in settings.LANGUAGES
        ),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        promotions: QuerySet[Promotion] = super().get_queryset(request)
        # A batch has thousands of coupons: they are counted, not read.
        of_it = Coupon.objects.filter(promotion=OuterRef("pk")).order_by()
        return promotions.prefetch_related(
            "amounts",
            "markets",
            "products",
            "categories",
            "excluded_products",
            "customer_groups",
        ).annotate(
            coupon_count=Subquery(
                of_it.values("promotion").annotate(count=Count("pk")).values("count")
            ),
            first_code=Subquery(of_it.order_by("pk").values("code")[:1]),
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows: list[Any] = list(changelist.result_list)
        terms = {row.pk: write_terms(row) for row in rows}
        names = read_names(terms.values())
        active = list(Market.objects.filter(is_active=True))
        for row in rows:
            row.sentence = _sentence(row, terms[row.pk], names)
            row.lacking = _lacking(row, active)
        changelist.result_list = rows
        return changelist

    @admin.display(description=_("in words"))
    def words(self, promotion: Any) -> str:
        if promotion._state.adding:
            return gettext("It is told in words here as soon as it is saved.")
        if not hasattr(promotion, "sentence"):
            terms = write_terms(promotion)
            promotion.sentence = _sentence(promotion, terms, read_names([terms]))
        return str(promotion.sentence)

    @admin.display(description=_("status"), ordering="status")
    def state(self, promotion: Promotion) -> str:
        return promotion.get_status_display()

    @admin.display(description=_("used"), ordering="used")
    def uses(self, promotion: Promotion) -> str:
        if promotion.use_limit is None:
            return str(promotion.used)
        return gettext("%(used)s of %(limit)s") % {
            "used": promotion.used,
            "limit": promotion.use_limit,
        }

    @admin.display(description=_("missing"))
    def missing(self, promotion: Any) -> str | SafeString:
        if promotion._state.adding:
            return "–"
        if not hasattr(promotion, "lacking"):
            promotion.lacking = _lacking(promotion, Market.objects.filter(is_active=True))
        return format_html_join("", "<p>{}</p>", ((line,) for line in promotion.lacking)) or "–"

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, AmountInline):
            kwargs["initial"] = [{"currency": currency} for currency in _open_currencies(obj)]
        return kwargs

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        buttons: list[Any] = super().get_actions_submit_line(request, object_id)
        status = Promotion.objects.filter(pk=object_id).values_list("status", flat=True).first()
        wanted = END if status == Promotion.Status.PUBLISHED else PUBLISH
        return [button for button in buttons if button.action_name == wanted]

    @admin.action(description=_("Save and publish"), permissions=["change"])
    def publish(self, request: HttpRequest, obj: Promotion) -> None:
        """Is carried out when all of the page is saved."""

    @admin.action(description=_("End it now"), permissions=["change"])
    def end(self, request: HttpRequest, obj: Promotion) -> None:
        """Is carried out when all of the page is saved."""

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        # Uses are counted while the page is open.
        obj.save(
            update_fields=[
                field.name for field in obj._meta.concrete_fields if field.name not in _KEPT
            ]
            if change
            else None
        )

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        promotion_id, now, user_id = form.instance.pk, timezone.now(), request.user.pk
        try:
            if END in request.POST:
                end_promotion(promotion_id, now=now, user_id=user_id)
            elif PUBLISH in request.POST:
                publish_promotion(promotion_id, now=now, user_id=user_id)
            else:
                renew_promotion(promotion_id, now=now, user_id=user_id)
        except MissingAmounts as error:
            for row in error.missing:
                self.message_user(request, explain_missing(row), messages.ERROR)

    def response_add(
        self, request: HttpRequest, obj: Promotion, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the page that says in words what was made, and has the button to publish."""
        if not {"_addanother", "_popup"} & set(request.POST):
            posted: Any = request.POST.copy()
            posted["_continue"] = "1"
            request.POST = posted
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """Keep what was ever published: orders tell of it."""
        is_kept = obj is not None and obj.status != Promotion.Status.DRAFT
        return not is_kept and bool(super().has_delete_permission(request, obj))

    def get_urls(self) -> list[URLPattern]:
        coupons = self.admin_site.admin_view(self.coupons)
        download = self.admin_site.admin_view(self.download_coupons)
        urls: list[URLPattern] = super().get_urls()
        return [
            path("<int:promotion_id>/coupons/", coupons, name="markets_promotion_coupons"),
            path("<int:promotion_id>/coupons.csv", download, name="markets_promotion_csv"),
            *urls,
        ]

    def coupons(self, request: HttpRequest, promotion_id: int) -> HttpResponse:
        promotion = self._promotion(request, promotion_id)
        form = BatchForm(request.POST or None)
        may_add = request.user.has_perm("markets.add_coupon")
        if request.method == "POST":
            if not may_add:
                raise PermissionDenied
            if form.is_valid():
                made = make_coupons(promotion.pk, **_batch(form))
                self.message_user(
                    request,
                    ngettext("%d coupon was made.", "%d coupons were made.", len(made)) % len(made),
                    messages.SUCCESS,
                )
                form = BatchForm()
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Coupons of %(promotion)s") % {"promotion": promotion},
            "opts": self.opts,
            "promotion": promotion,
            "count": promotion.coupons.count(),
            "form": form if may_add else None,
        }
        return TemplateResponse(request, "markets/admin/coupons.html", context)

    def download_coupons(self, request: HttpRequest, promotion_id: int) -> StreamingHttpResponse:
        promotion = self._promotion(request, promotion_id)
        answer = StreamingHttpResponse(_write_csv(promotion), content_type="text/csv")
        answer["Content-Disposition"] = f'attachment; filename="coupons-{promotion.pk}.csv"'
        return answer

    def _promotion(self, request: HttpRequest, promotion_id: int) -> Promotion:
        promotion: Promotion | None = self.get_object(request, str(promotion_id))
        if promotion is None:
            raise Http404
        if not self.has_view_permission(request, promotion):
            raise PermissionDenied
        return promotion


@admin.register(Coupon)
class CouponAdmin(ModelAdmin):
    form = CouponForm
    list_display = ("code", "promotion", "uses", "customer_limit", "created_at")
    list_filter = ("promotion",)
    list_select_related = ("promotion",)
    search_fields = ("code",)
    autocomplete_fields = ("promotion",)
    readonly_fields = ("uses",)
    fields = ("promotion", "code", "use_limit", "customer_limit", "uses")

    @admin.display(description=_("used"), ordering="used")
    def uses(self, coupon: Coupon) -> str:
        if coupon.use_limit is None:
            return str(coupon.used)
        return gettext("%(used)s of %(limit)s") % {"used": coupon.used, "limit": coupon.use_limit}

    def get_readonly_fields(self, request: HttpRequest, obj: Coupon | None = None) -> Any:
        # A code that is out in the world stays what it is.
        return (*self.readonly_fields, *(("promotion", "code") if obj and obj.used else ()))

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        fields = ["promotion", "code", "use_limit", "customer_limit"]
        obj.save(update_fields=fields if change else None)

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        is_kept = obj is not None and obj.used > 0
        return not is_kept and bool(super().has_delete_permission(request, obj))


def _open_currencies(promotion: Promotion | None) -> list[str]:
    """List the currencies of a promotion's markets for which it has no row yet."""
    markets = Market.objects.filter(is_active=True)
    kept: set[str] = set()
    if promotion is not None and promotion.pk:
        chosen = Market.objects.filter(promotions=promotion)
        markets = chosen if chosen.exists() else markets
        kept = set(promotion.amounts.values_list("currency", flat=True))
    return sorted(set(markets.values_list("currency", flat=True)) - kept)


def _sentence(promotion: Any, terms: dict[str, Any], names: Any) -> str:
    return describe_terms(
        terms, names, code=promotion.first_code or "", count=promotion.coupon_count or 0
    )


def _lacking(promotion: Promotion, active: Iterable[Market]) -> list[str]:
    markets = list(promotion.markets.all()) or list(active)
    rows = find_missing_amounts(promotion.action, promotion.amounts.all(), markets)
    return [explain_missing(row) for row in rows]


def _batch(form: BatchForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "count": data["count"],
        "prefix": data["beginning"],
        "use_limit": data["use_limit"],
    }


class _Echo:
    def write(self, value: str) -> str:
        return value


def _write_csv(promotion: Promotion) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["code", "use_limit", "used"])
    coupons = promotion.coupons.order_by("pk").values_list("code", "use_limit", "used")
    for code, limit, used in coupons.iterator():
        yield writer.writerow([code, "" if limit is None else limit, used])
