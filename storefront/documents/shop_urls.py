"""An order's documents, below its own address in its shop."""

from django.urls import path

from storefront.documents import views

app_name = "documents"
urlpatterns = [
    path("orders/<str:token>/documents/<str:reference>/", views.page, name="page"),
    path("orders/<str:token>/documents/<str:reference>/pdf/", views.pdf, name="pdf"),
    path("orders/<str:token>/documents/<str:reference>/xml/", views.xml, name="xml"),
]
