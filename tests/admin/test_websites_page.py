"""The page of redirects and handlers: moved, added, copied, switched off, and saved as a whole."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from mail import clock
from moxsite.models import AuditEntry
from tests.configfile.applying import apply
from tests.pages.visiting import page, visit_as
from tests.world.world import World
from webserver.models import DomainRedirect, WebHandler
from webserver.passwords import password_matches
from webserver.recent.asked import run_folder
from webserver.recent.noting import RecentRequests
from webserver.recent.records import Answered

pytestmark = pytest.mark.only_database("sqlite")

WEBSITES = "/admin/websites/"
SITE = """
[web.redirects]
"old.example" = "www.example.org"
[[web.handlers]]
name = "site"
domain = "www.example.org"
path = "^/s/"
basic_auth = { alice = "first password" }
static = { root = "/", list_files = false }
[[web.handlers]]
name = "app"
domain = "www.example.org"
path = "^/app/"
forward = { url = "http://127.0.0.1:8123/base", response_headers = { X-A = "b" } }
"""


def fields_of(text: str) -> dict[str, Any]:
    """What a browser would send of the page’s form."""
    from html.parser import HTMLParser

    found: dict[str, Any] = {}

    class Reader(HTMLParser):
        select = area = ""

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            given = dict(attributes)
            name = given.get("name") or ""
            if tag == "input" and name:
                if given.get("type") == "checkbox":
                    if "checked" in given:
                        found[name] = "on"
                elif name in ("handler", "redirect"):
                    found.setdefault(name, []).append(given.get("value"))
                else:
                    found[name] = given.get("value") or ""
            elif tag == "select":
                self.select = name
            elif tag == "option" and self.select and "selected" in given:
                found[self.select] = given.get("value") or ""
            elif tag == "textarea":
                self.area = name
                found[name] = ""

        def handle_data(self, data: str) -> None:
            if self.area:
                found[self.area] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                self.area = ""

    Reader().feed(text)
    return found


class Editor:
    """An admin with the page open."""

    def __init__(self, world: World) -> None:
        self.client: Client = visit_as(world.admin)
        self.fields = fields_of(page(self.client, WEBSITES))

    def press(self, action: str) -> str:
        """Send the form with this button; the page that comes."""
        response = self.client.post(WEBSITES, {**self.fields, "action": action}, follow=True)
        assert response.status_code == 200
        text = response.content.decode()
        self.fields = fields_of(text)
        return text

    def key(self, name: str) -> str:
        """The key of the row with this name."""
        return next(str(key) for key in self.fields["handler"] if self.fields[f"h{key}-name"] == name)


@pytest.fixture
def editor(world: World) -> Editor:
    apply(SITE)
    return Editor(world)


def names() -> list[str]:
    return [row.value.label for row in WebHandler.objects.all()]


def test_saving_without_a_change_changes_nothing(editor: Editor) -> None:
    before = list(WebHandler.objects.values())
    assert "Nothing was changed." in editor.press("save")
    assert list(WebHandler.objects.values()) == before


def test_arrows_move_and_only_saving_writes(editor: Editor) -> None:
    editor.press(f"up {editor.key('app')}")
    assert names() == ["site", "app"]
    assert "Saved." in editor.press("save")
    assert names() == ["app", "site"]
    editor.press(f"down {editor.key('app')}")
    editor.press("save")
    assert names() == ["site", "app"]


def test_a_handler_is_added_filled_in_and_saved(editor: Editor) -> None:
    editor.press("add redirect")
    key = editor.fields["handler"][-1]
    editor.fields[f"h{key}-domain"] = "Bücher.example"
    editor.fields[f"h{key}-s_base_url"] = "https://n.example"
    editor.fields[f"h{key}-s_status_code"] = "302"
    assert "Saved." in editor.press("save")
    row = WebHandler.objects.get(kind="redirect")
    assert (row.domain, row.settings) == (
        "xn--bcher-kva.example",
        {"base_url": "https://n.example", "status_code": 302},
    )


def test_a_copy_keeps_settings_and_passwords_and_is_a_handler_of_its_own(editor: Editor) -> None:
    editor.press(f"copy {editor.key('site')}")
    key = editor.fields["handler"][1]
    assert editor.fields[f"h{key}-s_root"] == "/"
    editor.fields[f"h{key}-path"] = "^/copy/"
    editor.press("save")
    first, copy, _ = WebHandler.objects.all()
    assert copy.pk != first.pk
    assert password_matches(copy.verifiers["alice"], "first password")


def test_switching_off_and_removing(editor: Editor) -> None:
    del editor.fields[f"h{editor.key('app')}-enabled"]
    editor.press(f"remove {editor.key('site')}")
    editor.press("save")
    (row,) = WebHandler.objects.all()
    assert (row.name, row.disabled) == ("app", True)


def test_redirects_come_and_go(editor: Editor) -> None:
    blank = editor.fields["redirect"][-1]
    editor.fields[f"r{blank}-from"], editor.fields[f"r{blank}-to"] = "new.example", "old.example"
    editor.press(f"unredirect {editor.fields['redirect'][0]}")
    assert "Saved." in editor.press("save")
    assert list(DomainRedirect.objects.values_list("from_domain", "to_domain")) == [
        ("new.example", "old.example")
    ]


def test_every_error_stands_beside_its_field_and_nothing_is_saved(editor: Editor) -> None:
    site, app = editor.key("site"), editor.key("app")
    editor.fields |= {
        f"h{site}-path": "s",
        f"h{site}-s_root": "www",
        f"h{site}-users": "alice, bob",
        f"h{app}-name": "site",
        f"h{app}-domain": "a b",
        f"h{app}-s_urls": "b:1",
        f"h{app}-s_response_headers": "X Y: a",
        f"h{app}-allow_networks": "10.0.0.1/8",
        f"r{editor.fields['redirect'][0]}-to": "old.example",
    }
    text = editor.press("save")
    for expected in (
        "The path regexp must begin with ^",
        "Folder must be a full path",
        "Give a password for bob.",
        "Handler 1 is named site too.",
        "can&#x27;t be in a domain",
        "Backends &#x27;b:1&#x27; must begin with http",
        "is no name of a header",
        "is no network",
        "A domain can’t be redirected to itself.",
    ):
        assert expected in text, expected
    assert names() == ["site", "app"]
    assert editor.fields[f"h{site}-s_root"] == "www"


def test_a_new_password_is_for_the_user_who_is_named(editor: Editor) -> None:
    site = editor.key("site")
    editor.fields |= {f"h{site}-users": "alice bob", f"h{site}-password": "second password"}
    assert "second password" not in editor.press("save")
    verifiers = WebHandler.objects.get(name="site").verifiers
    assert password_matches(verifiers["alice"], "first password")
    assert password_matches(verifiers["bob"], "second password")
    editor.fields |= {f"h{site}-password_for": "alice", f"h{site}-password": "third password"}
    editor.press("save")
    verifiers = WebHandler.objects.get(name="site").verifiers
    assert password_matches(verifiers["alice"], "third password")
    assert password_matches(verifiers["bob"], "second password")


def test_the_audit_log_says_whose_password_changed_and_shows_none(editor: Editor) -> None:
    site = editor.key("site")
    editor.fields |= {f"h{site}-password_for": "alice", f"h{site}-password": "second password"}
    editor.press("save")
    entry = AuditEntry.objects.latest("id")
    assert (entry.kind, entry.name, entry.who) == ("web handler", "site", "admin")
    assert json.loads(entry.changes) == {"password of alice": [None, "•••"]}


def test_another_editor_is_noticed_and_nothing_is_lost(editor: Editor) -> None:
    apply(SITE.replace("^/app/", "^/theirs/"))
    editor.fields[f"h{editor.key('site')}-path"] = "^/mine/"
    text = editor.press("save")
    assert "Somebody else changed redirects or handlers" in text
    assert "~ web handler app: path &#x27;^/theirs/&#x27; -&gt; &#x27;^/app/&#x27;" in text
    assert WebHandler.objects.get(name="app").path == "^/theirs/"
    assert editor.fields[f"h{editor.key('site')}-path"] == "^/mine/"
    assert "Saved." in editor.press("save")
    assert WebHandler.objects.get(name="app").path == "^/app/"


def test_a_change_elsewhere_is_no_conflict(editor: Editor, world: World) -> None:
    world.example_org.disabled = True
    world.example_org.save()
    editor.fields[f"h{editor.key('site')}-path"] = "^/mine/"
    assert "Saved." in editor.press("save")


@pytest.fixture
def recent() -> Any:
    found = RecentRequests(run_folder())
    yield found
    found.close()
    for path in run_folder().iterdir():
        path.unlink()


def test_paths_of_the_last_day_that_change_handler_are_shown_before(
    editor: Editor, recent: RecentRequests
) -> None:
    for path in ("/app/x", "/app/y", "/s/etc"):
        recent.note_asked("https", "www.example.org", path)
    editor.fields[f"h{editor.key('app')}-path"] = "^/app/y"
    editor.fields[f"h{editor.key('site')}-password_for"] = "alice"
    editor.fields[f"h{editor.key('site')}-password"] = "second password"
    text = editor.press("save")
    assert re.search(r"<strong>1</strong> path of the 3 asked for in the last 24 hours changes", text)
    assert "https://www.example.org/app/x" in text
    assert "second password" not in text
    assert WebHandler.objects.get(name="app").path == "^/app/"
    assert "Saved." in editor.press("save")
    assert WebHandler.objects.get(name="app").path == "^/app/y"
    assert password_matches(WebHandler.objects.get(name="site").verifiers["alice"], "second password")


def test_what_was_asked_for_yesterday_does_not_count(editor: Editor, recent: RecentRequests) -> None:
    recent.note_asked("https", "www.example.org", "/app/x")
    clock.advance(25 * clock.HOUR)
    editor.fields[f"h{editor.key('app')}-path"] = "^/app/y"
    assert "Saved." in editor.press("save")


def test_a_preview_shows_every_change_and_leads_back_to_the_form(editor: Editor) -> None:
    editor.fields[f"h{editor.key('site')}-path"] = "^/mine/"
    text = editor.press("preview")
    assert "~ web handler site: path &#x27;^/s/&#x27; -&gt; &#x27;^/mine/&#x27;" in text
    editor.press("edit")
    assert editor.fields[f"h{editor.key('site')}-path"] == "^/mine/"
    assert WebHandler.objects.get(name="site").path == "^/s/"


def test_a_url_is_explained_with_every_step(editor: Editor) -> None:
    text = page(editor.client, "/admin/websites/explain/?url=https://www.example.org/app/x")
    assert "http://127.0.0.1:8123/base/app/x" in text
    assert text.count('<span class="chip green">decides</span>') == 1
    assert "This is no URL" not in text
    wrong = page(editor.client, "/admin/websites/explain/?url=ftp://x&method=GET")
    assert 'id="id_url_error">Give a URL that begins with https' in wrong


def test_the_id_of_an_error_page_is_looked_up(editor: Editor, recent: RecentRequests) -> None:
    recent.note_answer(
        Answered(
            "abc123", clock.now(), "GET", "https", "www.example.org", "/app/x?y", "192.0.2.1", "app", 502,
            "the backend refused the connection",
        )
    )  # fmt: skip
    text = page(editor.client, "/admin/websites/explain/?id=abc123")
    assert "502: the backend refused the connection" in text
    assert "http://127.0.0.1:8123/base/app/x?y" in text
    assert "No request with this id" in page(editor.client, "/admin/websites/explain/?id=abc")


def test_only_admins_see_websites(world: World) -> None:
    assert visit_as(world.alice.login).get(WEBSITES).status_code == 302
    assert visit_as(world.alice.login).post(WEBSITES, {"action": "save"}).status_code == 302
