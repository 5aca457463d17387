"""The websockets that are being forwarded."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from webserver.recent.asked import run_folder
from webserver.websocket.told import told_tunnels


@require_safe
def websockets_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    listing = told_tunnels(run_folder())
    context = {
        **admin.site.each_context(request),
        "title": "Websockets",
        "count": listing.count,
        "tunnels": listing.tunnels,
    }
    return TemplateResponse(request, "admin/websockets.html", context)
