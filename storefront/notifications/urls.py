from django.urls import path

from storefront.notifications import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mailbox, name="list"),
    path("<str:name>/", views.letter, name="letter"),
    path("<str:name>/html/", views.letter_html, name="html"),
]
