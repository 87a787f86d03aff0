"""Addresses outside of any shop: staff, machines and files."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.static import serve

from fulfillment.carriers.webhooks import carrier_webhook
from payments.webhooks import stripe_webhook
from storefront import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("staff/documents/", include("storefront.documents.staff_urls")),
    path("staff/", include("storefront.staff.urls")),
    path("api/v1/", include("storefront.api.urls")),
    path("webhooks/stripe/", stripe_webhook, name="stripe-webhook"),
    path("webhooks/carriers/<slug:code>/", carrier_webhook, name="carrier-webhook"),
    path("health/", health.health, name="health"),
    path("", include("storefront.pages.root_urls")),
]

if not settings.PRODUCTION:
    # In production a front server or object storage hands out pictures, and mail is sent.
    urlpatterns += [
        path("mail/", include("storefront.notifications.urls")),
        re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    ]
