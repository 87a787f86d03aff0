"""A variant as people name it: by its SKU or by the barcode that they scan."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import Variant


class VariantField(forms.CharField):
    widget = UnfoldAdminTextInputWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": _("SKU or barcode"), **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return Variant.objects.values_list("sku", flat=True).filter(pk=value).first()
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((self.prepare_value(initial) or "") != (data or "").strip())

    def clean(self, value: Any) -> Any:
        wanted = super().clean(value)
        if not wanted:
            return None
        found = list(Variant.objects.filter(Q(sku=wanted) | Q(barcode=wanted))[:2])
        if len(found) != 1:
            raise ValidationError(
                _("Several variants have this barcode; enter the SKU.")
                if found
                else _("No variant has this SKU or barcode.")
            )
        return found[0]
