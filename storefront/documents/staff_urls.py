from django.urls import path

from storefront.documents import views

app_name = "staff-documents"
urlpatterns = [
    path("<str:reference>/", views.staff_page, name="page"),
    path("<str:reference>/pdf/", views.staff_pdf, name="pdf"),
    path("<str:reference>/xml/", views.staff_xml, name="xml"),
]
