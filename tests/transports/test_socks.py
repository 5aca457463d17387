"""Delivery through real SOCKS5 proxies: directly and in front of a relay."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.transports import socks, submission
from delivery.transports.group import Group
from delivery.transports.smarthost import SmarthostSettings, deliver
from delivery.transports.socks import SocksSettings
from tests.transports.delivering import CAROL, Elsewhere, mail, trust_in
from tests.transports.scripted_socks import ScriptedSocks, SocksSession
from tests.world.authority import Authority
from tests.world.postfix import Postfix, require_postfix
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.socks_server import Dante, Microsocks, require_dante, require_microsocks

RELAY = "relay.example"
MX = "mx.remote.example"
LOGIN = ("me", "geheim 1:2")


@pytest.fixture(scope="module")
def open_proxy() -> Iterator[Microsocks]:
    require_microsocks()
    with Microsocks() as running:
        yield running


@pytest.fixture(scope="module")
def proxy_with_login() -> Iterator[Microsocks]:
    require_microsocks()
    with Microsocks(login=LOGIN) as running:
        yield running


@pytest.fixture
def there(elsewhere: Elsewhere) -> SmtpPeer:
    """The mail server of carol's domain."""
    elsewhere.domain("remote.example", f"10 {MX}.")
    return elsewhere.server(MX, Ordinary())


def send(elsewhere: Elsewhere, address: str, **more: object) -> RecipientResult:
    settings = {"address": address, **more}
    return elsewhere.deliver(mail(CAROL), kind="socks", settings=settings).results[1, CAROL]


@pytest.mark.external
def test_mail_leaves_through_the_proxy_under_its_name(
    elsewhere: Elsewhere, there: SmtpPeer, open_proxy: Microsocks
) -> None:
    result = send(elsewhere, open_proxy.address, remote_hostname="out.example.org")
    assert result.outcome is Outcome.DELIVERED, result
    assert there.sessions[0].client_ip == open_proxy.outside
    assert there.lines[0] == "EHLO out.example.org"
    assert result.connection is not None
    assert (result.connection.host, result.connection.ip) == (MX, there.ip)


@pytest.mark.external
def test_the_proxy_is_logged_in_to(
    elsewhere: Elsewhere, there: SmtpPeer, proxy_with_login: Microsocks
) -> None:
    elsewhere.dns.add("proxy.example", {"A": ["127.0.0.1"]})
    address = f"proxy.example:{proxy_with_login.port}"
    result = send(elsewhere, address, username=LOGIN[0], password=LOGIN[1])
    assert result.outcome is Outcome.DELIVERED, result
    assert there.lines[0] == "EHLO mail.example.org"


@pytest.mark.external
@pytest.mark.parametrize("login", [{}, {"username": "me", "password": "wrong"}])
def test_a_refused_login_is_temporary_and_the_proxys(
    elsewhere: Elsewhere, there: SmtpPeer, proxy_with_login: Microsocks, login: Mapping[str, object]
) -> None:
    result = send(elsewhere, proxy_with_login.address, **login)
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.CONNECT)
    assert f"the SOCKS proxy {proxy_with_login.address} refused us: " in result.reply.text
    assert not there.sessions


def test_a_proxy_that_is_not_there_is_temporary_and_the_proxys(elsewhere: Elsewhere, there: SmtpPeer) -> None:
    result = send(elsewhere, "127.0.0.1:1")
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.CONNECT)
    assert result.reply.text == "the SOCKS proxy 127.0.0.1:1 can't be reached: Connection refused"


def test_a_proxy_whose_name_does_not_exist_is_temporary_and_the_proxys(
    elsewhere: Elsewhere, there: SmtpPeer
) -> None:
    result = send(elsewhere, "nowhere.example:1080")
    assert result.outcome is Outcome.TEMPORARY
    assert (
        "the SOCKS proxy nowhere.example:1080 can't be found: nowhere.example does not" in result.reply.text
    )


@pytest.mark.external
def test_a_server_that_the_proxy_can_t_reach_is_not_the_proxys_fault(
    elsewhere: Elsewhere, open_proxy: Microsocks
) -> None:
    elsewhere.domain("remote.example", f"10 {MX}.")
    elsewhere.dns.add(MX, {"A": ["127.0.0.1"]})
    elsewhere.port = 1
    result = send(elsewhere, open_proxy.address)
    assert result.outcome is Outcome.TEMPORARY
    expected = f"the SOCKS proxy {open_proxy.address} could not reach 127.0.0.1 port 1: connection refused"
    assert result.reply.text == expected


@pytest.mark.external
def test_an_address_that_the_rules_of_the_proxy_forbid_is_followed_by_the_next(elsewhere: Elsewhere) -> None:
    require_dante()
    elsewhere.domain("remote.example", f"10 {MX}.", "20 second.example.")
    elsewhere.dns.add(MX, {"A": ["127.0.0.3"]})
    server = elsewhere.server("second.example", Ordinary())
    with Dante(forbidden="127.0.0.3") as proxy:
        result = elsewhere.deliver(mail(CAROL), kind="socks", settings={"address": proxy.address})
    assert result.delivered
    assert len(server.messages) == 1
    refused, taken = result.tries
    assert refused.failure is not None
    assert "127.0.0.3" in refused.failure.public.text
    assert "its rules do not allow this connection" in refused.failure.public.text
    assert taken.failure is None


def test_a_proxy_that_does_not_work_is_not_asked_for_each_address(elsewhere: Elsewhere) -> None:
    elsewhere.domain("remote.example", f"10 {MX}.")
    elsewhere.dns.add(MX, {"A": ["192.0.2.1", "192.0.2.2"]})

    def script(session: SocksSession) -> None:
        session.read(3)
        session.socket.sendall(b"\x05\xff")

    with ScriptedSocks(script) as proxy:
        assert send(elsewhere, f"127.0.0.1:{proxy.port}").outcome is Outcome.TEMPORARY
    assert proxy.connections == 1


def test_all_addresses_share_the_time_for_connecting(elsewhere: Elsewhere) -> None:
    elsewhere.domain("remote.example", f"10 {MX}.")
    elsewhere.dns.add(MX, {"A": ["192.0.2.1", "192.0.2.2"]})
    elsewhere.hurry(connect=0.4)
    with ScriptedSocks(SocksSession.wait_for_close) as proxy:
        result = send(elsewhere, f"127.0.0.1:{proxy.port}")
    assert proxy.connections == 2
    assert "gave no connection to 192.0.2.1 port 1 within 0.1" in result.reply.text


def behind(elsewhere: Elsewhere, proxy: SocksSettings, relay: Mapping[str, object]) -> RecipientResult:
    """Send through a relay that is behind the proxy."""
    settings = submission.KIND.read(relay)
    assert isinstance(settings, SmarthostSettings)

    async def run() -> RecipientResult:
        through = replace(settings, proxy=proxy.proxy)
        return (await deliver(through, Group((mail(CAROL),)), elsewhere.context())).results[1, CAROL]

    return asyncio.run(run())


def proxy_settings(proxy: Microsocks, **more: object) -> SocksSettings:
    settings = socks.KIND.read({"address": proxy.address, **more})
    assert isinstance(settings, SocksSettings)
    return settings


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.server(RELAY)


@pytest.mark.external
def test_a_relay_is_reached_through_the_proxy_over_tls_and_with_a_login(
    elsewhere: Elsewhere, authority: Authority, certificate: ssl.SSLContext, proxy_with_login: Microsocks
) -> None:
    elsewhere.trust = trust_in(authority.ca_file)
    server = elsewhere.server(RELAY, Ordinary(tls=certificate, login={"me": "secret"}))
    through = proxy_settings(
        proxy_with_login, username=LOGIN[0], password=LOGIN[1], remote_hostname="out.example.org"
    )
    relay = {"host": RELAY, "port": server.port, "username": "me", "password": "secret"}
    result = behind(elsewhere, through, relay)
    assert result.outcome is Outcome.DELIVERED, result
    assert server.sessions[0].client_ip == proxy_with_login.outside
    assert server.lines[0] == "EHLO out.example.org"
    assert result.connection is not None
    assert result.connection.tls is not None
    assert result.connection.tls.verified


@pytest.mark.external
def test_postfix_takes_mail_through_the_proxy_after_a_login_over_tls(
    elsewhere: Elsewhere, authority: Authority, open_proxy: Microsocks
) -> None:
    require_postfix(login=True)
    elsewhere.trust = trust_in(authority.ca_file)
    elsewhere.dns.add(RELAY, {"A": ["127.0.0.1"]})
    with Postfix(certificate=authority.files(RELAY), logins={"me": "geheim"}) as postfix:
        relay = {
            "host": RELAY,
            "port": postfix.submission_port,
            "username": "me@postfix.test",
            "password": "geheim",
        }
        result = behind(elsewhere, proxy_settings(open_proxy), relay)
        assert result.outcome is Outcome.DELIVERED, result
        (message,) = postfix.messages(1)
    assert f"[{open_proxy.outside}]".encode() in message
    assert result.connection is not None
    assert result.connection.mechanism
