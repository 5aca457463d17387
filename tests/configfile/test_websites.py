"""Websites in the configuration file: every error with its place, passwords never shown, ids that stay."""

import pytest

from mail.configuration.snapshot import compile_snapshot
from moxsite.configfile import export_text
from tests.configfile.applying import apply, plan, problems
from tests.world.world import World
from webserver.models import DomainRedirect, WebHandler
from webserver.passwords import password_matches
from webserver.routing.values import WebSnapshot

pytestmark = pytest.mark.only_database("sqlite")

SITE = """
[[web.handlers]]
name = "site"
domain = "www.example.org"
path = "^/"
static = { root = "/" }
"""
APP = """
[[web.handlers]]
name = "app"
domain = "WWW.Example.Org."
path = "^/app/"
basic_auth = { alice = "first password" }
forward = { url = "http://127.0.0.1:8123" }
"""


def test_all_problems_of_websites_are_told_at_once_with_their_places(world: World) -> None:
    found = problems("""
[web.redirects]
"old.example" = "old.example."
"a b" = "x.example"
"ring.example" = "back.example"
"back.example" = "RING.example"
"BACK.example" = "x.example"
[[web.handlers]]
name = "one two"
domain = "*.*.example"
path = "/app"
static = { root = "www", strip_prefix = "app", list_file = true }
[[web.handlers]]
domain = "192.0.2.1"
path = "^("
redirect = { base_url = "https://n.example/x", path_regexp = "(", status_code = 304 }
[[web.handlers]]
domain = "a.example"
path = "^/"
allow_networks = ["192.0.2.1/24"]
rate_per_minute = -1
forward = { urls = ["b:1", "http:///x"], response_headers = { "X Y" = "a", X-B = "a\\u000ab" } }
[[web.handlers]]
domain = "a.example"
path = "^/"
basic_auth = { "a:b" = "", bob = 5 }
internal = { service = "webmail", base_path = "/mail" }
[[web.handlers]]
name = "x"
domain = "a.example"
path = "^/"
[[web.handlers]]
name = "x"
path = "^/"
static = { root = "/" }
forward = { url = "http://b" }
""")
    places = [problem.split(": ")[0] for problem in found]
    assert places == [
        'web.redirects."old.example"',
        'web.redirects."a b"',
        'web.redirects."BACK.example"',
        "web.handlers[0].name",
        "web.handlers[0].domain",
        "web.handlers[0].path",
        "web.handlers[0].static.root",
        "web.handlers[0].static.strip_prefix",
        "web.handlers[0].static.list_file",
        "web.handlers[1].domain",
        "web.handlers[1].path",
        "web.handlers[1].redirect.base_url",
        "web.handlers[1].redirect.replace_path",
        "web.handlers[1].redirect.path_regexp",
        "web.handlers[1].redirect.status_code",
        "web.handlers[2].allow_networks",
        "web.handlers[2].rate_per_minute",
        "web.handlers[2].forward.urls",
        "web.handlers[2].forward.urls",
        "web.handlers[2].forward.response_headers",
        "web.handlers[2].forward.response_headers",
        'web.handlers[3].basic_auth."a:b"',
        "web.handlers[3].basic_auth.bob",
        "web.handlers[3].basic_auth",
        "web.handlers[3].internal.base_path",
        "web.handlers[3].internal.service",
        "web.handlers[4]",
        "web.handlers[5]",
        "web.handlers[5].name",
        "web.handlers[5].forward",
    ]


def test_the_url_of_a_redirect_must_not_lead_back_through_https(world: World) -> None:
    text = SITE.replace('static = { root = "/" }', 'redirect = { base_url = "http://WWW.example.org:80" }')
    (problem,) = problems(text)
    assert "would never end" in problem
    assert problems(text + "dont_redirect_plain_http = true\n") == []


@pytest.mark.parametrize("path", ["^/(a+)+$", "^(/|[a-z]*)*$", "^/(x|x)*y$", r"^(?:\\w+\\s?)+$"])
def test_a_regexp_that_a_hostile_path_keeps_busy_is_refused(world: World, path: str) -> None:
    (problem,) = problems(SITE.replace("^/", path))
    assert problem.startswith("web.handlers[0].path: The path regexp takes far too long")


@pytest.mark.parametrize("path", ["^/(?:[^/]+/)*x$", "^/([a-z]+)(/[0-9]+)*$", "^/.*/.*", "^/a|/b"])
def test_a_regexp_that_is_quick_is_taken(world: World, path: str) -> None:
    assert problems(SITE.replace("^/", path)) == []


def test_a_redirect_that_a_domain_redirect_undoes_is_told(world: World) -> None:
    handler = SITE.replace('static = { root = "/" }', 'redirect = { base_url = "https://old.example" }')
    effects = plan('[web.redirects]\n"old.example" = "www.example.org"\n' + handler).effects()
    assert effects == ["web handler site and the redirect of old.example never end."]


def test_a_password_is_kept_as_a_verifier_and_never_shown(world: World) -> None:
    made = plan(APP)
    apply(APP)
    assert "first password" not in repr(made) + export_text()
    handler = WebHandler.objects.get()
    assert "first password" not in handler.verifiers["alice"]
    assert password_matches(handler.verifiers["alice"], "first password")
    assert apply(APP) == []
    assert WebHandler.objects.get().verifiers == handler.verifiers


def test_an_exported_file_keeps_the_password_and_a_new_one_replaces_it(world: World) -> None:
    apply(APP)
    exported = export_text()
    assert "alice = true" in exported
    assert apply(exported) == []
    changed = exported.replace("alice = true", 'alice = "second password"')
    assert plan(changed).lines() == ["~ web handler app: password of alice changed"]
    apply(changed)
    assert password_matches(WebHandler.objects.get().verifiers["alice"], "second password")


def test_a_user_without_a_stored_password_needs_one(world: World) -> None:
    (problem,) = problems(APP.replace('"first password"', "true"))
    assert problem.startswith("web.handlers[0].basic_auth.alice: there is no password stored yet")


def test_a_handler_keeps_its_id_when_others_come_go_and_move(world: World) -> None:
    apply(APP + SITE)
    ids = {row.name: row.pk for row in WebHandler.objects.all()}
    other = SITE.replace('"site"', '"other"').replace("^/", "^/other/")
    lines = apply(other + SITE + APP.replace("^/app/", "^/app2/"))
    assert lines == [
        "+ web handler other: static",
        "~ web handler app: path '^/app/' -> '^/app2/'",
        "~ order of web handlers: other, site, app",
    ]
    rows = list(WebHandler.objects.all())
    assert [row.name for row in rows] == ["other", "site", "app"]
    assert {row.name: row.pk for row in rows if row.name != "other"} == ids
    assert apply("") == ["- web handler other", "- web handler site", "- web handler app"]


def test_what_is_hardly_meant_is_said_before(world: World) -> None:
    text = """
[web.redirects]
"old.example" = "www.example.org"
[[web.handlers]]
name = "gone"
domain = "old.example"
path = "^/"
static = { root = "/srv/www/there-is-none" }
[[web.handlers]]
name = "here"
domain = "localhost"
path = "^/"
static = { root = "/" }
"""
    effects = plan(text + SITE + APP).effects()
    assert effects == [
        "web handler gone is never asked: the whole domain old.example is redirected before.",
        "web handler gone: the folder /srv/www/there-is-none is not there, or can’t be seen by this user.",
        "web handler here is never asked: localhost is this server itself: account and admin pages come "
        "first, and leave nothing.",
        "web handler app is never asked: site takes every path.",
    ]


def test_what_is_applied_is_in_the_next_snapshot(world: World) -> None:
    apply('[web.redirects]\n"bücher.example" = "www.example.org"\n' + APP + SITE.replace("^/", "^/s/"))
    web = compile_snapshot().section(WebSnapshot)
    assert dict(web.redirects) == {"xn--bcher-kva.example": "www.example.org"}
    assert [handler.name for handler in web.handlers_of("www.example.org")] == ["app", "site"]
    assert web.handlers[0].basic_auth is not None
    assert DomainRedirect.objects.count() == 1
    apply(SITE + "disabled = true\n")
    assert compile_snapshot().section(WebSnapshot).handlers == ()
