"""What is changed while a page is answered was changed by whoever is logged in."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from moxsite.audit.actor import Actor, enter, leave
from moxsite.pages.client_address import client_address


class AuditMiddleware:
    """Comes after Django's AuthenticationMiddleware."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in (
            "GET",
            "HEAD",
            "OPTIONS",
        ):  # change nothing, and the login is not loaded for them
            return self._get_response(request)
        who = request.user.get_username() or "nobody"
        address = client_address(request)
        token = enter(Actor(who, request.path + (f" from {address}" if address else "")))
        try:
            return self._get_response(request)
        finally:
            leave(token)
