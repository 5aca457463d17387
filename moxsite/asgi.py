"""The ASGI application of the pages process."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.exceptions import SuspiciousOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import re_path

from moxsite.mounting import Mounted

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

STATIC_SECONDS = 3600
"""How long browsers may keep a stylesheet or a script without asking again."""


class StaticFiles(ASGIStaticFilesHandler):
    """Django's pages, and before them the static files of all apps: no second server is needed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Static files are found below the place where the pages are mounted.
        inner = str(scope["path"]).removeprefix(str(scope["root_path"]))
        if self._should_handle(inner):
            scope = {**scope, "path": inner, "root_path": ""}
        await super().__call__(dict(scope), receive, send)

    def serve(self, request: HttpRequest) -> HttpResponse | FileResponse:
        try:
            response = super().serve(request)
        except (SuspiciousOperation, ValueError) as error:  # a path that leads elsewhere, or no path at all
            raise Http404 from error
        response["Cache-Control"] = f"max-age={STATIC_SECONDS}"
        response["X-Content-Type-Options"] = "nosniff"
        return response


_pages: Any = StaticFiles(get_asgi_application())

from moxsite.import_events import ImportEvents  # noqa: E402 - models need the application

application = ProtocolTypeRouter(
    {
        "http": Mounted(
            URLRouter(
                [
                    re_path(
                        r"^import/(?P<token>[0-9a-f]+)/events/?$", AuthMiddlewareStack(ImportEvents.as_asgi())
                    ),
                    re_path("", _pages),
                ]
            )
        )
    }
)
