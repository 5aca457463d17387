"""One session id per request: on its log lines, in its response, and on the error page."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mail.log.sessions import current_session, enter_session, new_session_id


class SessionIdMiddleware:
    """Enters a session id for the time of a request, unless whoever called already has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the response tells the id in X-Session-Id."""
        before = current_session()
        session_id = before or new_session_id()
        enter_session(session_id)
        try:
            response = self._get_response(request)
        finally:
            enter_session(before)
        response.headers.setdefault("X-Session-Id", session_id)
        return response
