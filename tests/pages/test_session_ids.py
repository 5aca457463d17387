from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from mail.log.sessions import current_session, enter_session
from moxsite.pages.sessions import SessionIdMiddleware


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_session())


def test_a_request_has_a_session_id_while_it_lasts() -> None:
    enter_session("")
    response = SessionIdMiddleware(answer)(RequestFactory().get("/"))
    assert isinstance(response, HttpResponse)
    assert len(response.content) == 10
    assert response.headers["X-Session-Id"] == response.content.decode()
    assert current_session() == ""


def test_a_session_that_was_entered_before_goes_on() -> None:
    enter_session("0123456789")
    try:
        response = SessionIdMiddleware(answer)(RequestFactory().get("/"))
    finally:
        enter_session("")
    assert response.headers["X-Session-Id"] == "0123456789"
