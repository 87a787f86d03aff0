"""The shop's addresses, after the `<market>-<language>/` that the middleware takes off."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("storefront.documents.shop_urls")),
    path("", include("storefront.pages.urls")),
    path("account/", include("allauth.account.urls")),
]
