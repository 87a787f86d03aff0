"""What the admin pages of dated rows share."""

from datetime import datetime
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from markets.ranges import in_force


class InForceFilter(SimpleListFilter):
    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("now")), ("past", _("no longer")), ("planned", _("not yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        moment = _moment(queryset.model)
        if self.value() == "now":
            return queryset.filter(in_force(moment))
        if self.value() == "past":
            return queryset.filter(valid_to__lte=moment)
        if self.value() == "planned":
            return queryset.filter(valid_from__gt=moment)
        return queryset


class AppendOnlyAdmin(ModelAdmin):
    """Rows that are added by a service and then only looked at."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _moment(model: type[Model]) -> datetime | Any:
    if isinstance(model._meta.get_field("valid_from"), DateTimeField):
        return timezone.now()
    return timezone.localdate()
