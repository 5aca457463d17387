import re

import pytest
from django.test import Client, RequestFactory

from moxsite.pages.errors import server_error
from tests.pages.visiting import letter_with_everything, page, receive, send, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def own_pages(world: World) -> list[str]:
    message = receive(world, world.alice, letter_with_everything())
    sent = send(world, world.alice, "bob@example.net")
    own = f"/mail/{message.mailbox_id}/{message.uid}/"
    return ["/", own, f"{own}headers/", "/sent/", f"/sent/{sent.id}/", "/account/"]


def admin_pages() -> list[str]:
    return ["/admin/", "/admin/mail/domain/add/", "/admin/mail/account/", "/admin/delivery/route/add/"]


def test_pages_allow_no_inline_script_and_have_none(world: World) -> None:
    visits = [(visit_as(world.alice.login), url) for url in own_pages(world)]
    visits += [(visit_as(world.admin), url) for url in admin_pages()]
    for client, url in visits:
        response = client.get(url)
        text = response.content.decode()
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-inline" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), url
        assert response.headers["Cache-Control"]


def test_pages_are_kept_by_no_cache(world: World) -> None:
    client = visit_as(world.alice.login)
    for url in own_pages(world):
        assert "no-store" in client.get(url).headers["Cache-Control"]


@pytest.mark.parametrize(("path", "status"), [("/nothing-here/", 404), ("/mail/999/", 404)])
def test_an_error_page_tells_the_session_id_of_the_log(world: World, path: str, status: int) -> None:
    response = visit_as(world.alice.login).get(path)
    assert response.status_code == status
    assert re.search(r"session <code>[0-9a-z]{10}</code>", response.content.decode())


def test_the_page_of_a_fault_names_the_session_and_nothing_else(rf: RequestFactory) -> None:
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert re.search(r"session <code>[0-9a-z]{10}</code>", response.content.decode())


@pytest.fixture
def rf() -> RequestFactory:
    return RequestFactory()


def test_a_form_without_its_token_is_refused_in_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": "alice", "password": world.password})
    assert response.status_code == 403
    assert "The form was not sent" in response.content.decode()


def test_every_field_has_a_label(world: World) -> None:
    text = page(visit_as(world.alice.login), "/account/")
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    inputs = re.findall(r"<input([^>]*)>", text)
    shown = [field for field in inputs if 'type="hidden"' not in field and "aria-hidden" not in field]
    assert {re.search(r'id="([^"]+)"', field)[1] for field in shown} == labelled  # type: ignore[index]
