import plistlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.mtasts.policy import Mode, parse_policy
from moxsite.setup.served.answering import Answers
from moxsite.setup.served.outlook import UnreadableRequest, requested_address
from moxsite.setup.served.settings import ClientSettings
from moxsite.setup.served.thunderbird import autoconfig
from webserver.dispatch.system import SystemRequest
from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request
from webserver.routing.system import system_endpoint
from webserver.routing.values import web_snapshot

WEB = web_snapshot(
    {}, (), frozenset({"mail.example.org", "localhost"}), frozenset({"example.org", "xn--bcher-kva.example"})
)
AUTODISCOVER = (
    '<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/'
    'requestschema/2006"><Request><EMailAddress>{}</EMailAddress></Request></Autodiscover>'
)


def ask(
    host: str, path: str, query: str = "", *, method: str = "GET", content: str = ""
) -> tuple[int, bytes, str]:
    """Status, content and type of what the system answers; 404 where it has nothing."""
    request = Request(method, "https", parse_host(host), clean_path(path), query)
    endpoint = system_endpoint(WEB, request.host, request.path.decoded)
    if endpoint is None:
        return 404, b"", ""
    answering = Answers(("mail.example.org", "mx2.example.org")).by_endpoint()[endpoint]
    answer = answering(SystemRequest(request, WEB, content.encode()))
    assert ("Cache-Control", "no-store") in answer.headers
    return answer.status, answer.content, answer.content_type


def test_the_policy_is_only_at_its_host_and_lists_the_machines() -> None:
    path = "/.well-known/mta-sts.txt"
    status, content, kind = ask("mta-sts.example.org", path)
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    policy = parse_policy(content.decode())
    assert policy.mx == ("mail.example.org", "mx2.example.org")
    assert policy.mode is Mode.ENFORCE
    for host in ("example.org", "mail.example.org", "mta-sts.example.net", "autoconfig.example.org"):
        assert ask(host, path)[0] == 404, host


@pytest.mark.parametrize("host", ["autoconfig.example.org", "autodiscover.example.org", "example.org:443"])
@pytest.mark.parametrize("path", ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"])
def test_thunderbird_finds_the_servers(host: str, path: str) -> None:
    status, content, _ = ask(host, path, "emailaddress=alice%40example.org")
    assert status == 200, content
    servers = ElementTree.fromstring(content).findall(".//outgoingServer")
    keys = ("hostname", "port", "socketType", "username")
    assert [tuple(each.findtext(key) for key in keys) for each in servers] == [
        ("mail.example.org", "465", "SSL", "alice@example.org"),
        ("mail.example.org", "587", "STARTTLS", "alice@example.org"),
    ]


def test_the_machine_itself_answers_for_every_domain() -> None:
    path = "/mail/config-v1.1.xml"
    status, content, _ = ask("mail.example.org", path, "emailaddress=you@b%C3%BCcher.example")
    assert (status, b"you@xn--bcher-kva.example" in content) == (200, True)
    assert ask("mail.example.org", path)[0] == 400
    assert ask("mail.example.org", path, "emailaddress=you@example.net")[0] == 400


def test_wrong_addresses_methods_and_hosts_are_refused() -> None:
    path = "/mail/config-v1.1.xml"
    assert ask("autoconfig.example.net", path)[0] == 404
    assert b"%EMAILADDRESS%" in ask("autoconfig.example.org", path)[1]
    for address in ("alice@example.net", "nonsense", "%40", "a" * 1000, "%00@example.org"):
        assert ask("autoconfig.example.org", path, f"emailaddress={address}")[0] == 400, address
    assert ask("autoconfig.example.org", path, "&".join(f"a{number}=1" for number in range(100)))[0] == 200
    assert ask("autoconfig.example.org", path, method="POST")[0] == 405


def test_outlook_is_answered_for_the_address_it_names() -> None:
    def post(body: str, host: str = "autodiscover.example.org") -> tuple[int, bytes, str]:
        return ask(host, "/Autodiscover/Autodiscover.xml", method="POST", content=body)

    status, content, _ = post(AUTODISCOVER.format("alice@example.org"))
    assert status == 200
    assert b"<Server>mail.example.org</Server>" in content
    assert b"<LoginName>alice@example.org</LoginName>" in content
    ElementTree.fromstring(content)
    assert post("<x/>")[0] == 400
    assert post(AUTODISCOVER.format("alice@example.net"))[0] == 400
    assert post(AUTODISCOVER.format("alice@example.org"), "autodiscover.example.net")[0] == 404
    assert ask("autodiscover.example.org", "/autodiscover/autodiscover.xml")[0] == 405


def test_an_apple_profile_has_no_password_and_stays_the_same() -> None:
    def profile(address: str) -> bytes:
        status, content, _ = ask(
            "example.org", "/profile.mobileconfig", f"addresses={address}&name=Alice%0D%0AA"
        )
        assert status == 200
        return content

    first = plistlib.loads(profile("alice@example.org"))
    (account,) = first["PayloadContent"]
    assert account["OutgoingMailServerHostName"] == "mail.example.org"
    assert account["EmailAccountName"] == "AliceA"
    assert not {"IncomingPassword", "OutgoingPassword"} & set(account)
    assert plistlib.loads(profile("alice@example.org")) == first
    assert plistlib.loads(profile("bob@example.org"))["PayloadUUID"] != first["PayloadUUID"]
    assert ask("example.org", "/profile.mobileconfig")[0] == 400


@given(st.text(min_size=1))
def test_any_text_gives_xml_or_a_clear_no(text: str) -> None:
    try:
        requested_address(AUTODISCOVER.format(text).encode("utf-8", "replace"))
    except UnreadableRequest:
        pass
    printable = "".join(character for character in text if character.isprintable())
    document = autoconfig(ClientSettings("example.org", "mail.example.org", printable))
    assert ElementTree.fromstring(document).tag == "clientConfig"
