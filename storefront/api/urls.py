from django.urls import path, re_path

from storefront.api import views

app_name = "api"
urlpatterns = [
    path("markets/", views.markets, name="markets"),
    path("markets/<slug:code>/prices/", views.prices, name="prices"),
    path("markets/<slug:code>/quote/", views.quote, name="quote"),
    path("problems/<slug:slug>/", views.problem_kind, name="problem"),
    # Else the shop's own page for people would be the answer.
    re_path(r"", views.not_found),
]
