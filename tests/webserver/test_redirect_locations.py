"""Where redirects lead, and that they never lead to themselves."""

from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webserver.web import redirect, request
from webserver.handlers.redirect.location import LEADS_TO_ITSELF, NOT_FOUND, Leads, redirect_location
from webserver.handlers.redirect.replacement import replacement_problem
from webserver.routing.values import BaseUrl, RedirectSettings

REQUEST = "http://h.example/old/x?y=2"
N = BaseUrl("https", "n.example")


@pytest.mark.parametrize(
    ("settings", "location"),
    [
        (redirect(N), "https://n.example/old/x?y=2"),
        (redirect(BaseUrl("https", "n.example", 8443)), "https://n.example:8443/old/x?y=2"),
        (
            redirect(BaseUrl("https", "n.example", query="q=1", fragment="f")),
            "https://n.example/old/x?q=1&y=2#f",
        ),
        (redirect(None, "^/old/(.*)$", "/new/$1"), "/new/x?y=2"),
        (redirect(None, "^/old/(?P<rest>.*)$", "/new/${rest}"), "/new/x?y=2"),
        (redirect(None, "^/old/", "new/"), "/new/x?y=2"),
        (redirect(None, "^/old/(.*)$", "//evil.example/$1"), "/evil.example/x?y=2"),
        (redirect(None, "^/old/(.*)$", "/find?q=$1#top"), "/find?q=x&y=2#top"),
        (redirect(None, "^/old/(.*)$", "/cost$$/$1"), "/cost$/x?y=2"),
        (redirect(None, "[aeiou]", "-"), "/-ld/x?y=2"),
        (redirect(BaseUrl("", "n.example"), "^/old/(.*)$", "/new/$1"), "//n.example/new/x?y=2"),
        (redirect(BaseUrl("https", "h.example")), "https://h.example/old/x?y=2"),
        (redirect(BaseUrl("http", "2001:db8::1", 81)), "http://[2001:db8::1]:81/old/x?y=2"),
    ],
)
def test_where_it_leads(settings: RedirectSettings, location: str) -> None:
    assert redirect_location(settings, request(REQUEST)) == Leads(location)


def test_a_path_without_the_regexp_is_not_found() -> None:
    assert redirect_location(redirect(N, "^/other", "/x"), request(REQUEST)) == NOT_FOUND


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (redirect(BaseUrl("http", "h.example")), "http://h.example/a?b"),
        (redirect(BaseUrl("http", "h.example")), "http://h.example:80/a"),
        (redirect(BaseUrl("http", "h.example")), "http://H.EXAMPLE./a"),
        (redirect(BaseUrl("http", "h.example", 80)), "http://h.example/a"),
        (redirect(BaseUrl("https", "h.example")), "https://h.example:443/a"),
        (redirect(BaseUrl("", "h.example")), "https://h.example/a"),
        (redirect(BaseUrl("", "xn--bcher-kva.example")), "http://bücher.example/a"),
        (redirect(None, "^/(.*)$", "/$1"), "http://h.example/a/b"),
        (redirect(None, "^/", "/./"), "http://h.example/a/b"),
        (redirect(None, "^/a b", "/a%20b"), "http://h.example/a%20b"),
        (redirect(BaseUrl("http", "h.example", query="again=1")), "http://h.example/a"),
    ],
)
def test_a_redirect_to_the_same_url_declines(settings: RedirectSettings, url: str) -> None:
    assert redirect_location(settings, request(url)) == LEADS_TO_ITSELF


@pytest.mark.parametrize("path", ["/old/%0d%0aSet-Cookie:%20a", "/old/\r\nx", "/old/%00", "/old/%ff%3f%23"])
def test_no_group_can_end_the_header(path: str) -> None:
    found = redirect_location(redirect(N, "^/old/((?s:.*))", "/new/$1"), request("http://h.example" + path))
    assert isinstance(found, Leads)
    assert found.location.isascii()
    assert found.location.isprintable()
    assert "?" not in found.location


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("/$1", False),
        ("/$$", False),
        ("/${1}", False),
        ("/$2", True),
        ("/${x}", True),
        ("/$", True),
        ("/$x", True),
    ],
)
def test_a_template_refers_to_groups_that_exist(template: str, wrong: bool) -> None:
    settings = redirect(N, "^/(.*)$", template)
    assert settings.path_regexp is not None
    assert bool(replacement_problem(template, settings.path_regexp)) == wrong


BASES = st.none() | st.builds(
    BaseUrl,
    st.sampled_from(["", "http", "https"]),
    st.sampled_from(["h.example", "xn--bcher-kva.example", "192.0.2.1"]),
    st.sampled_from([None, 80, 443, 8080]),
)
REPLACEMENTS = st.sampled_from(
    [(None, ""), ("^/(.*)$", "/$1"), ("^/a", "/%61"), ("/b/", "/./b//"), ("^/(.*)$", "$1/"), ("x", "y")]
)
URLS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["h.example", "H.example.", "bücher.example", "192.0.2.1"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.sampled_from(["/", "/a", "/a/b/", "/x%20", "/%61", "/ä?q=1", "//a/../b/"]),
)


@settings(max_examples=200, deadline=None)
@given(base=BASES, replacement=REPLACEMENTS, url=URLS)
def test_no_redirect_leads_to_itself_however_it_is_spelled(
    base: BaseUrl | None, replacement: tuple[str | None, str], url: str
) -> None:
    asked = request(url)
    found = redirect_location(redirect(base, *replacement), asked)
    if isinstance(found, Leads):
        followed = request(urljoin(url, found.location))
        assert (followed.scheme, followed.host, followed.effective_port, followed.path.decoded) != (
            asked.scheme,
            asked.host,
            asked.effective_port,
            asked.path.decoded,
        )
