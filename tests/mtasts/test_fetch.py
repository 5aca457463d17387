"""Fetching a policy over HTTPS."""

import ssl

import pytest

from delivery.mtasts.fetch import BODY_LIMIT, PolicyFetcher, PolicyUnavailable
from delivery.tlsresults.outcome import ResultType
from tests.world.authority import Authority
from tests.world.policy_host import Answer, PolicyHost, page

TEXT = "version: STSv1\r\nmode: none\r\nmax_age: 1\r\n"
NAME = "mta-sts.remote.example"


def fetch(authority: Authority, host: PolicyHost, *addresses: str, seconds: float = 30) -> str:
    fetcher = PolicyFetcher(authority.ca_file, port=host.port, seconds=seconds)
    return fetcher.fetch("remote.example", addresses or ("127.0.0.1",))


def test_the_policy_is_asked_for_by_its_name_at_the_address_given(authority: Authority) -> None:
    with PolicyHost(authority.server(NAME), page(TEXT)) as host:
        assert fetch(authority, host) == TEXT
    assert host.names == [NAME]
    assert host.requests[0].startswith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}\r\n" in host.requests[0]


def test_the_second_address_is_asked_when_nobody_is_at_the_first(authority: Authority) -> None:
    with PolicyHost(authority.server(NAME), page(TEXT, kind="text/plain; charset=utf-8")) as host:
        assert fetch(authority, host, "127.0.0.99", "127.0.0.1") == TEXT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page(TEXT, status="301 Moved", more=("Location: https://mta-sts.remote.example/other",)), "301"),
        (page(TEXT, status="404 Not Found"), "404"),
        (page(TEXT, kind="text/html"), "text/html"),
        (page(TEXT, kind=""), "of no type"),
        (page("a" * (BODY_LIMIT + 1)), "larger"),
        (page(b"\xff\xfe"), "can't be reached"),
        (lambda connection: connection.sendall(b"SSH-2.0-x\r\n"), "can't be reached"),
        (
            lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
            "of no type",
        ),
    ],
    ids=["redirect", "missing", "html", "no-type", "large", "no-text", "no-http", "cut-off"],
)
def test_anything_but_a_plain_text_is_no_policy(authority: Authority, answer: Answer, reason: str) -> None:
    with (
        PolicyHost(authority.server(NAME), answer) as host,
        pytest.raises(PolicyUnavailable, match=reason) as caught,
    ):
        fetch(authority, host)
    assert caught.value.result is ResultType.STS_POLICY_FETCH_ERROR
    assert len(host.requests) == 1


@pytest.mark.parametrize("name", ["remote.example", "*.example", "mta-sts.other.example"])
def test_a_certificate_for_another_name_is_no_policy(authority: Authority, name: str) -> None:
    with PolicyHost(authority.server(name), page(TEXT)) as host, pytest.raises(PolicyUnavailable) as caught:
        fetch(authority, host)
    assert caught.value.result is ResultType.STS_WEBPKI_INVALID
    assert host.requests == []


def test_a_certificate_of_an_unknown_authority_is_no_policy(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Authority(tmp_path_factory.mktemp("other"))
    with PolicyHost(other.server(NAME), page(TEXT)) as host, pytest.raises(PolicyUnavailable) as caught:
        fetch(authority, host)
    assert caught.value.result is ResultType.STS_WEBPKI_INVALID


def test_a_host_that_drips_is_given_up_when_the_whole_time_is_over(authority: Authority) -> None:
    host: PolicyHost

    def drip(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while not host.stopping.wait(0.02):
            connection.sendall(b"a")

    with (
        PolicyHost(authority.server(NAME), drip) as host,
        pytest.raises(PolicyUnavailable, match="took longer"),
    ):
        fetch(authority, host, seconds=0.5)


def test_a_host_without_address_has_no_policy(authority: Authority) -> None:
    with pytest.raises(PolicyUnavailable, match="no address"):
        PolicyFetcher(authority.ca_file).fetch("remote.example", ())
