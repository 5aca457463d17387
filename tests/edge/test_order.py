"""Who is asked first, and who may come in."""

import base64
from ipaddress import ip_network
from types import MappingProxyType

from tests.edge.serving import Answer, EdgeUnderTest
from tests.edge.sites import HOST, handler, site
from webserver.dispatch.system import SystemAnswer, SystemHandlers, SystemRequest
from webserver.passwords import make_password_verifier
from webserver.routing.system import SystemEndpoint
from webserver.routing.values import BaseUrl, BasicAuth, RedirectSettings


def to(host: str) -> RedirectSettings:
    """A handler that shows by its Location that it was asked."""
    return RedirectSettings(BaseUrl("http", host), None, "")


def location(answer: Answer) -> tuple[int, str]:
    """Status and Location."""
    return answer.status, answer["location"]


def test_handlers_are_asked_in_their_order_and_nobody_is_404_with_an_id() -> None:
    with site(
        handler(to("first.example"), "1", "^/a"),
        handler(to("second.example"), "2", "^/a|/b"),
        handler(to("wild.example"), "3", domain="*.example.org"),
    ) as edge:
        assert location(edge.get("/a")) == (308, "http://first.example/a")
        assert location(edge.get("/b?q")) == (308, "http://second.example/b?q")
        assert location(edge.get("/x/b")) == (308, "http://wild.example/x/b")  # never in the middle
        assert location(edge.get("/", "any.example.org")) == (308, "http://wild.example/")
        answer = edge.get("/", "example.org")
        assert answer.status == 404
        assert edge.recorder.exchanges[-1].handler == "(nomatch)"
        assert edge.recorder.exchanges[-1].id.encode() in answer.content


def test_hosts_in_any_spelling_are_the_same() -> None:
    with site(handler(to("a.example"), "1", domain="xn--bcher-kva.example")) as edge:
        for host in ("XN--BCHER-KVA.example", "xn--bcher-kva.example.", "xn--bcher-kva.example:8080"):
            assert edge.get("/", host).status == 308
        for host in ("[::1", "a b", "", "192.0.2.1.", "xn--bcher-kva.example:99999"):
            assert edge.get("/", host).status == 404, host


def test_paths_are_cleaned_before_anybody_sees_them() -> None:
    with site(handler(to("a.example"), "1", "^/a/")) as edge:
        for path in ("/a/x", "//a//x", "/./a/x", "/b/../a/x", "/b/%2e%2e/a/x"):
            assert location(edge.get(path)) == (308, "http://a.example/a/x"), path
        assert location(edge.get("/%61/x")) == (308, "http://a.example/%61/x")


def test_plain_http_is_redirected_to_https_without_a_port() -> None:
    with site(handler(to("a.example"), "1", "^/a", dont_redirect_plain_http=False)) as edge:
        assert location(edge.get("/a?b", f"{HOST}:8080")) == (308, f"https://{HOST}/a?b")


def test_domain_redirects_come_before_handlers() -> None:
    with site(handler(to("a.example"), "1"), redirects={HOST: "new.example"}) as edge:
        assert location(edge.get("/x?y")) == (308, "https://new.example/x?y")


def test_a_redirect_to_the_same_url_declines() -> None:
    with site(handler(to(HOST), "1"), handler(to("a.example"), "2")) as edge:
        assert location(edge.get("/", HOST.upper())) == (308, "http://a.example/")
        assert location(edge.get("/", f"{HOST}:80")) == (308, "http://a.example/")


def test_the_system_answers_its_paths_before_anybody_else() -> None:
    system = SystemHandlers()

    async def policy(request: SystemRequest) -> SystemAnswer | None:
        return SystemAnswer(b"version: STSv1\r\n", headers=(("Cache-Control", "no-store"),))

    system.register(SystemEndpoint.MTA_STS, policy)
    host = "mta-sts.example.org"
    with site(
        handler(to("a.example"), "1", domain="*.example.org"),
        redirects={host: "x.example"},
        system=system,
        mail_domains=frozenset({"example.org"}),
    ) as edge:
        answer = edge.get("/.well-known/mta-sts.txt", host)
        assert (answer.content, answer["cache-control"]) == (b"version: STSv1\r\n", "no-store")
        assert edge.get("/.well-known/acme-challenge/x", host).status == 502  # by the pages, which don't run
        assert edge.get("/.well-known/mta-sts.txt", HOST).status == 308


def test_a_password_is_demanded_and_remembered() -> None:
    auth = BasicAuth(MappingProxyType({"alice": make_password_verifier("sesame")}))
    with site(handler(to("a.example"), "1", basic_auth=auth)) as edge:
        answer = edge.get("/")
        assert (answer.status, answer["www-authenticate"]) == (
            401,
            'Basic realm="Restricted", charset="UTF-8"',
        )
        for user, status in (
            ("alice:sesame", 308),
            ("alice:sesame", 308),
            ("alice:x", 401),
            ("bob:sesame", 401),
        ):
            assert _log_in(edge, user).status == status


def test_networks_and_rates_keep_clients_out() -> None:
    elsewhere = (ip_network("192.0.2.0/24"),)
    with site(
        handler(to("a.example"), "1", "^/inside", allow_networks=elsewhere),
        handler(to("a.example"), "2", "^/slow", rate_per_minute=2),
    ) as edge:
        assert edge.get("/inside").status == 403
        assert [edge.get("/slow").status for _ in range(3)] == [308, 308, 429]


def test_only_trusted_proxies_tell_where_a_client_is() -> None:
    networks = (ip_network("192.0.2.0/24"),)
    inside = handler(to("a.example"), "1", allow_networks=networks, dont_redirect_plain_http=False)
    told = ("X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7")
    with site(inside) as edge:
        assert location(edge.get("/", HOST, *told)) == (308, f"https://{HOST}/")
    with site(inside, trusted=[ip_network("127.0.0.0/8")]) as edge:
        assert location(edge.get("/", HOST, *told)) == (308, "http://a.example/")
        for chain in ("192.0.2.7, 198.51.100.1", "192.0.2.7, nonsense", ""):
            assert edge.get("/", HOST, told[0], f"X-Forwarded-For: {chain}").status == 403, chain


def _log_in(edge: EdgeUnderTest, user: str) -> Answer:
    return edge.get("/", HOST, f"Authorization: Basic {base64.b64encode(user.encode()).decode()}")
