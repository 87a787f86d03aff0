from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.pictures import preview
from catalog.admin.translations import TranslatedAdmin, in_languages, language_tabs
from catalog.category_tree import walk
from catalog.models import Category
from catalog.selectors import list_ancestors


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Category
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def clean_parent(self) -> Category | None:
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and self.instance in (parent, *list_ancestors(parent)):
            raise forms.ValidationError(_("A category cannot stand below itself."))
        return parent


@admin.register(Category)
class CategoryAdmin(TranslatedAdmin):
    form = CategoryForm
    list_display = ("tree_name", "key", "position", "is_active", "picture")
    list_filter = ("is_active",)
    search_fields = ("key", *in_languages("name"))
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("picture",)
    fieldsets = (
        (None, {"fields": ("key", "parent", "image", "picture", "position", "is_active")}),
        *language_tabs("name", "slug", "description"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        categories: QuerySet[Category] = super().get_queryset(request)
        return categories.annotate(depth=_place_in_tree().depth)

    def get_ordering(self, request: HttpRequest) -> Any:
        return (_place_in_tree().rank, "key")

    @admin.display(description=_("name"))
    def tree_name(self, category: Any) -> SafeString:
        return format_html(
            '<span style="padding-inline-start: {}em">{}</span>',
            1.5 * category.depth,
            category.name,
        )

    @admin.display(description=_("picture"))
    def picture(self, category: Category) -> SafeString | str:
        return preview(category, pixels=48)


@dataclass(frozen=True)
class _Place:
    rank: Case
    depth: Case


def _place_in_tree() -> _Place:
    """Give the order of the tree, which no column knows; a shop has tens of categories."""
    tree = list(walk(list(Category.objects.all())))

    def case(values: Iterable[int], *, default: int) -> Case:
        whens = [
            When(pk=category.pk, then=Value(value))
            for (category, _depth), value in zip(tree, values, strict=False)
        ]
        # With no category at all a bare constant would be taken for a column's number.
        never = When(pk__lt=0, then=Value(default))
        return Case(never, *whens, default=Value(default), output_field=IntegerField())

    return _Place(
        rank=case(range(len(tree)), default=len(tree)),
        depth=case((depth for _category, depth in tree), default=0),
    )
