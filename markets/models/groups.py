from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerGroup(models.Model):
    """Shoppers who have prices of their own: wholesale, staff, members of a club."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
