"""What browsers may do with our pages: Content-Security-Policy and caching."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""For pages of ours: nothing inline, nothing from elsewhere."""

FOREIGN_POLICY: Final = (
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For files that others wrote: no script, no request to anywhere, an origin of their own.

Browsers show images, sound and texts in a document of their own making, which needs the rest."""

_POLICY_HEADER: Final = "Content-Security-Policy"


class ContentPolicyMiddleware:
    """Gives every response that has no Content-Security-Policy of its own the one for pages.

    Pages show mail and settings, so browsers are told not to keep them where the next user finds them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on and complete the response's header."""
        response = self._get_response(request)
        response.headers.setdefault(_POLICY_HEADER, PAGE_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def mark_foreign(response: HttpResponseBase, policy: str = FOREIGN_POLICY) -> None:
    """Say in the header that this content was written by others and must not act as a page of ours."""
    response.headers[_POLICY_HEADER] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
