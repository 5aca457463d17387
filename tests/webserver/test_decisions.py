"""Who answers a request, and why the others do not."""

import pytest

from tests.webserver.web import forward, handler, redirect, request, snapshot
from webserver.routing.decision import Stage, decide
from webserver.routing.values import BaseUrl, InternalSettings, StaticSettings

APP = handler(forward("/base", strip=True), "^/app/", name="app")
SITE = handler(name="site")
TRY_FILES = handler(StaticSettings("/srv/www", continue_not_found=True), name="files")


def test_the_first_handler_whose_path_matches_takes_the_request() -> None:
    web = snapshot(APP, SITE)
    assert decide(web, request("http://www.example.org/app/x?y")).deciding.target == "http://b:1/base/x?y"
    decision = decide(web, request("http://www.example.org/other"))
    assert decision.handler is SITE
    assert decision.deciding.target == "/srv/www/other"
    assert [step.reason for step in decision.steps if step.handler is APP] == ["/other does not match ^/app/"]


def test_what_stands_behind_the_deciding_step_is_not_asked() -> None:
    steps = decide(snapshot(SITE, APP), request("http://www.example.org/app/x")).steps
    assert [(step.decides, step.asked) for step in steps[-2:]] == [(True, True), (False, False)]
    assert steps[-1].reason.startswith("not asked; else: forwards")


def test_nothing_is_left_for_a_host_without_handler() -> None:
    decision = decide(snapshot(SITE), request("http://other.example/"))
    assert decision.deciding.stage is Stage.NOTHING
    assert decision.deciding.status == 404


def test_account_and_admin_come_before_handlers_of_the_same_host() -> None:
    web = snapshot(handler(domain="mail.example.org"))
    assert decide(web, request("https://mail.example.org/x")).deciding.stage is Stage.SERVICES
    assert decide(web, request("https://[::1]/")).deciding.stage is Stage.SERVICES


def test_system_paths_come_before_the_redirect_of_a_domain_and_that_before_handlers() -> None:
    web = snapshot(
        handler(domain="mta-sts.example.org"), redirects={"mta-sts.example.org": "www.example.org"}
    )
    policy = "https://mta-sts.example.org/.well-known/mta-sts.txt"
    challenge = "http://mta-sts.example.org/.well-known/acme-challenge/token"
    assert decide(web, request(policy)).deciding.stage is Stage.SYSTEM
    assert decide(web, request(challenge)).deciding.stage is Stage.SYSTEM
    other = decide(web, request("http://mta-sts.example.org:81/a?b")).deciding
    assert (other.stage, other.target) == (Stage.REDIRECTS, "https://www.example.org/a?b")


def test_plain_http_is_redirected_without_a_port_unless_the_handler_wants_it() -> None:
    web = snapshot(handler(dont_redirect_plain_http=False))
    step = decide(web, request("http://WWW.example.org:1080/a%20b?c")).deciding
    assert (step.status, step.target) == (308, "https://www.example.org/a%20b?c")
    assert decide(web, request("https://www.example.org/a")).deciding.target == "/srv/www/a"


def test_a_redirect_to_itself_leaves_the_request_to_the_next_handler() -> None:
    to_https = handler(redirect(BaseUrl("https", "www.example.org")), name="https")
    web = snapshot(to_https, SITE)
    assert decide(web, request("http://www.example.org/")).handler is to_https
    assert decide(web, request("https://www.example.org/")).handler is SITE


def test_a_post_goes_past_files_to_the_application() -> None:
    web = snapshot(TRY_FILES, handler(forward(), name="app"))
    decision = decide(web, request("http://www.example.org/x", method="POST"))
    assert decision.handler is not None
    assert decision.handler.name == "app"


@pytest.mark.parametrize(
    ("path", "taken"), [("/static/x", True), ("/static", True), ("/static../x", False), ("/staticx", False)]
)
def test_the_prefix_of_files_ends_at_a_slash(path: str, taken: bool) -> None:
    files = handler(StaticSettings("/srv/www", "/static", continue_not_found=True), "^/static")
    decision = decide(snapshot(files), request("http://www.example.org" + path))
    assert (decision.handler is files) == taken


def test_a_wildcard_is_for_names_of_one_more_label() -> None:
    web = snapshot(handler(domain="*.example.org"), SITE)
    assert [each.domain for each in web.handlers_of("www.example.org")] == [
        "*.example.org",
        "www.example.org",
    ]
    assert [each.domain for each in web.handlers_of("a.example.org")] == ["*.example.org"]
    assert web.handlers_of("a.b.example.org") == web.handlers_of("example.org") == ()
    assert decide(web, request("http://a.example.org/")).handler is web.handlers[0]
    assert decide(web, request("http://a.b.example.org/")).handler is None


def test_a_client_outside_of_the_networks_is_refused() -> None:
    web = snapshot(handler(networks=("192.0.2.0/24", "2001:db8::/32")))
    url = "http://www.example.org/"
    assert decide(web, request(url)).deciding.status is None
    assert decide(web, request(url, client="::ffff:192.0.2.7")).deciding.status is None
    assert decide(web, request(url, client="2001:db8::1")).deciding.status is None
    assert decide(web, request(url, client="198.51.100.1")).deciding.status == 403


def test_alternatives_of_a_regexp_match_only_at_the_start() -> None:
    web = snapshot(handler(path="^/a|/b"))
    assert decide(web, request("http://www.example.org/x/b")).handler is None
    assert decide(web, request("http://www.example.org/b")).handler is not None


def test_a_service_elsewhere_has_its_base_path() -> None:
    web = snapshot(handler(InternalSettings("account", "/mail/"), "^/mail"))
    assert decide(web, request("http://www.example.org/mail/x")).deciding.target == "/mail/x"
    assert decide(web, request("http://www.example.org/mail")).deciding.status == 303
    assert decide(web, request("http://www.example.org/mailbox")).deciding.status == 404
