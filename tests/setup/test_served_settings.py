import plistlib
from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from delivery.mtasts.policy import parse_policy
from moxsite.setup.served.outlook import UnreadableRequest, requested_address
from moxsite.setup.served.settings import ClientSettings
from moxsite.setup.served.thunderbird import autoconfig
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

AUTODISCOVER = (
    '<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/'
    'requestschema/2006"><Request><EMailAddress>{}</EMailAddress></Request></Autodiscover>'
)


@pytest.fixture
def client(world: World) -> Client:
    world.alice  # noqa: B018
    return Client()


def test_the_policy_is_only_at_its_host_and_lists_the_machines(client: Client) -> None:
    path = "/.well-known/mta-sts.txt"
    response = client.get(path, headers={"host": "mta-sts.example.org"})
    assert response.headers["Content-Type"].startswith("text/plain")
    policy = parse_policy(response.content.decode())
    assert policy.matches("mail.example.org")
    assert policy.mode == "enforce"
    for host in (
        "example.org",
        "mail.example.org",
        "mta-sts.example.net",
        "mta-sts.",
        "autoconfig.example.org",
    ):
        assert client.get(path, headers={"host": host}).status_code == 404, host


@pytest.mark.parametrize("host", ["autoconfig.example.org", "example.org:443", "mail.example.org"])
@pytest.mark.parametrize("path", ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"])
def test_thunderbird_finds_the_servers(client: Client, host: str, path: str) -> None:
    response = client.get(f"{path}?emailaddress=alice@example.org", headers={"host": host})
    assert response.status_code == 200, response.content
    servers = ElementTree.fromstring(response.content).findall(".//outgoingServer")
    found = [
        tuple(each.findtext(key) for key in ("hostname", "port", "socketType", "username"))
        for each in servers
    ]
    assert found == [
        ("mail.example.org", "465", "SSL", "alice@example.org"),
        ("mail.example.org", "587", "STARTTLS", "alice@example.org"),
    ]


def test_wrong_addresses_and_hosts_are_refused(client: Client) -> None:
    path = "/mail/config-v1.1.xml"
    assert client.get(path, headers={"host": "autoconfig.example.net"}).status_code == 404
    own = {"host": "autoconfig.example.org"}
    assert b"%EMAILADDRESS%" in client.get(path, headers=own).content
    for address in ("alice@example.net", "nonsense", "@", "a" * 1000):
        assert client.get(path, {"emailaddress": address}, headers=own).status_code == 400, address
    assert client.get(path, headers={"host": "mail.example.org"}).status_code == 400


def test_outlook_is_answered_for_the_address_it_names(client: Client) -> None:
    def ask(body: str, host: str = "autodiscover.example.org") -> tuple[int, bytes]:
        response = client.post(
            "/autodiscover/autodiscover.xml", body, content_type="text/xml", headers={"host": host}
        )
        return response.status_code, response.content

    status, body = ask(AUTODISCOVER.format("alice@example.org"))
    assert status == 200
    assert b"<Server>mail.example.org</Server>" in body
    assert b"<LoginName>alice@example.org</LoginName>" in body
    ElementTree.fromstring(body)
    assert ask("<x/>")[0] == 400
    assert ask(AUTODISCOVER.format("alice@example.net"))[0] == 400
    assert ask(AUTODISCOVER.format("alice@example.org"), "autodiscover.example.net")[0] == 404
    got = client.get("/autodiscover/autodiscover.xml", headers={"host": "autodiscover.example.org"})
    assert got.status_code == 405


def test_an_apple_profile_has_no_password_and_stays_the_same(client: Client) -> None:
    def profile(address: str) -> bytes:
        response = client.get(
            "/profile.mobileconfig",
            {"addresses": address, "name": "Alice\r\nA"},
            headers={"host": "example.org"},
        )
        assert response.status_code == 200
        return response.content

    first = plistlib.loads(profile("alice@example.org"))
    (account,) = first["PayloadContent"]
    assert account["OutgoingMailServerHostName"] == "mail.example.org"
    assert account["EmailAccountName"] == "AliceA"
    assert not any("Password" in key and isinstance(value, str) and key.endswith("Password")
                   for key, value in account.items())  # fmt: skip
    assert plistlib.loads(profile("alice@example.org")) == first
    assert plistlib.loads(profile("bob@example.org"))["PayloadUUID"] != first["PayloadUUID"]
    assert client.get("/profile.mobileconfig", headers={"host": "example.org"}).status_code == 400


def test_a_disabled_domain_is_not_served(client: Client, world: World) -> None:
    world.example_org.disabled = True
    world.example_org.save()
    for host, path in (("mta-sts", "/.well-known/mta-sts.txt"), ("autoconfig", "/mail/config-v1.1.xml")):
        assert client.get(path, headers={"host": f"{host}.example.org"}).status_code == 404


@given(st.text(min_size=1))
def test_any_text_gives_xml_or_a_clear_no(text: str) -> None:
    try:
        requested_address(AUTODISCOVER.format(text).encode("utf-8", "replace"))
    except UnreadableRequest:
        pass
    printable = "".join(character for character in text if character.isprintable())
    document = autoconfig(ClientSettings("example.org", "mail.example.org", printable))
    assert ElementTree.fromstring(document).tag == "clientConfig"
