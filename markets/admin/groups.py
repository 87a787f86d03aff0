from django.contrib import admin
from unfold.admin import ModelAdmin

from markets.models import CustomerGroup


@admin.register(CustomerGroup)
class CustomerGroupAdmin(ModelAdmin):
    list_display = ("name", "code")
    search_fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}
