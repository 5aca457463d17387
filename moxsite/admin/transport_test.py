"""Testing a transport: the form, and what every step of the test showed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from delivery.models import Transport
from delivery.transport_trial import NoTest, read_envelope, try_transport
from moxsite.pages.cursor import HIGHEST


@require_http_methods(["GET", "HEAD", "POST"])
def transport_test_page(request: HttpRequest, transport_id: int) -> HttpResponse:
    """The form; the test itself takes a POST, because it makes others work."""
    transport = get_object_or_404(Transport, pk=min(transport_id, HIGHEST))
    typed = {name: request.POST.get(name, "").strip() for name in ("sender", "recipient")}
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Test transport {transport.name}",
        "transport": transport,
        "typed": typed,
        "errors": {},
    }
    if request.method == "POST":
        try:
            context["report"] = try_transport(transport.name, read_envelope(**typed))
        except NoTest as error:
            context["errors"] = {error.field: str(error)}
    return TemplateResponse(request, "admin/transport_test.html", context)
