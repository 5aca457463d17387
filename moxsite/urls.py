"""Addresses of the pages process."""

from django.contrib import admin
from django.urls import include, path

from moxsite.acme.answering import challenge_page
from moxsite.health import healthz
from moxsite.metrics import metrics_page

admin.autodiscover()

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics_page, name="metrics"),
    path(".well-known/acme-challenge/<str:token>", challenge_page, name="acme-challenge"),
    path("admin/", admin.site.urls),
    path("", include("moxsite.pages.urls")),
]

handler400 = "moxsite.pages.errors.bad_request"
handler403 = "moxsite.pages.errors.forbidden"
handler404 = "moxsite.pages.errors.not_found"
handler500 = "moxsite.pages.errors.server_error"
