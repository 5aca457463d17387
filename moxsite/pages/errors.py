"""Pages for requests that failed. They say what to do and give the session id that the log has too."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from mail.log.sessions import current_session, enter_session, new_session_id


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request makes no sense."""
    return _page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: known, and not allowed."""
    return _page(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was not sent from a fresh page of ours."""
    return _page(request, HTTPStatus.FORBIDDEN, "403_csrf.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here, or nothing that this login may know of."""
    return _page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Rendered without the request's context, which may be what failed."""
    body = get_template("500.html").render({"session_id": _session_id()})
    return HttpResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(request: HttpRequest, status: HTTPStatus, template: str = "") -> HttpResponse:
    context = {"session_id": _session_id()}
    return render(request, template or f"{status.value}.html", context, status=status.value)


def _session_id() -> str:
    """The id of this request, entered now if nobody has, so that the log line that follows carries it."""
    session_id = current_session()
    if not session_id:
        session_id = new_session_id()
        enter_session(session_id)
    return session_id
