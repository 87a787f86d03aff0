"""The shopper's pages that belong to no market."""

from django.urls import path

from storefront.pages import chooser, crawlers

urlpatterns = [
    path("", chooser.chooser, name="chooser"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap_index, name="sitemap-index"),
]
