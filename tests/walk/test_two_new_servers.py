"""The whole walk: two machines, from quickstart to mail that both sides have verified in every way there is.

Nothing is exchanged for the tests' sake: names are resolved from a signed root by unbound, zones have what
dnsrecords prints, certificates come from an authority by ACME, and ports are the real ones.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acme import pebble
from tests.walk import machine as machines
from tests.walk.authority import certificate_authority
from tests.walk.installation import Installed
from tests.walk.machine import Machine, wired
from tests.walk.names import Names, resolver, text_of
from tests.walk.web_visitor import WebVisitor
from tests.world import unbound
from tests.world.waiting import wait_until

NAMESERVER, RESOLVER, AUTHORITY = "198.18.0.53", "198.18.0.54", "198.18.0.14"
OWN_RESOLVER = "127.0.0.1"
PATIENCE = 180.0

_MISSING = (
    machines.missing()
    or unbound.missing()
    or pebble.missing()
    or ("" if shutil.which("swaks") else "swaks is not installed")
)

pytestmark = [
    pytest.mark.long,
    pytest.mark.external,
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]


@dataclass
class World:
    """Two servers, and a machine elsewhere where their owners sit."""

    elsewhere: Machine
    names: Names
    alpha: Installed
    beta: Installed
    trusted: Path

    def visitor(self, server: Installed) -> WebVisitor:
        """The owner of a server, logged in."""
        visitor = WebVisitor(self.elsewhere, server.host, server.machine.ips[0], self.trusted)
        visitor.log_in(server.address, server.password)
        return visitor

    def send(self, sender: Installed, recipient: Installed, subject: str) -> None:
        """Submit a message as mail programs do."""
        self.elsewhere.run(
            "swaks", "--server", sender.host, "--port", "587", "--tls", "--tls-verify", "--tls-ca-path",
            str(self.trusted), "--auth-user", sender.address, "--auth-password", sender.password,
            "--from", sender.address, "--to", recipient.address, "--header", f"Subject: {subject}",
            "--body", "Is it Tuesday?",
        )  # fmt: skip


@contextmanager
def installed(folder: Path) -> Iterator[World]:
    """Two machines on which quickstart has been run, and whose records are published."""
    with ExitStack() as stack:
        elsewhere, first, second = stack.enter_context(
            wired(
                folder,
                elsewhere=[f"{ip}/24" for ip in (NAMESERVER, RESOLVER, AUTHORITY)] + ["2001:db8:18::53/64"],
                alpha=["198.18.0.1/24", "2001:db8:18::1/64"],
                beta=["198.18.0.2/24", "2001:db8:18::2/64"],
            )
        )
        names = Names(elsewhere, NAMESERVER)
        stack.callback(names.close)
        stack.enter_context(resolver(elsewhere, RESOLVER, NAMESERVER, names.trust_anchor))
        directory, trusted = stack.enter_context(certificate_authority(elsewhere, AUTHORITY, RESOLVER))
        alpha, beta = Installed(first, "alpha.example"), Installed(second, "beta.example")
        for server in (alpha, beta):
            stack.enter_context(resolver(server.machine, OWN_RESOLVER, NAMESERVER, names.trust_anchor))
            server.quickstart(MOXSITE_ACME_DIRECTORY=directory, MOXSITE_TLS_CA_FILE=str(trusted))
            assert f"The resolver at {OWN_RESOLVER} verifies DNSSEC." in server.text
            names.publish(server.domain, server.records())
        yield World(elsewhere, names, alpha, beta, trusted)


def test_two_new_servers_mail_each_other_and_verify_everything(tmp_path: Path) -> None:
    with installed(tmp_path) as world, world.alpha.serving() as one, world.beta.serving() as other:
        for program in (one, other):
            for _ in ("mail", "mta-sts", "autoconfig", "autodiscover"):
                program.wait_for("certificate obtained")
        for server in (world.alpha, world.beta):
            found = server.findings()
            assert {name: said(section) for name, section in found.items() if said(section)} == {}
        ways = ((world.alpha, world.beta), (world.beta, world.alpha))
        for sender, recipient in ways:
            world.send(sender, recipient, f"A letter from {sender.domain}")
        for sender, recipient in ways:
            _assert_verified_by_the_recipient(world, sender, recipient)
            _assert_told_to_the_sender(world, sender, recipient)
        _assert_mail_waits_while_another_key_is_published(world)


def said(section: dict[str, Any]) -> list[str]:
    """The errors and warnings."""
    return [*section["errors"], *section["warnings"]]


def _assert_verified_by_the_recipient(world: World, sender: Installed, recipient: Installed) -> None:
    """The field that the receiving server has put before the message."""
    visitor = world.visitor(recipient)
    subject = f"A letter from {sender.domain}"
    wait_until(lambda: subject in visitor.page("/"), f"{recipient.domain} has the message", PATIENCE)
    link = re.search(rf'href="(/mail/\d+/\d+/)">(?:<span.*?</span>)?{subject}', visitor.page("/"))
    assert link is not None, visitor.page("/")
    source = visitor.page(f"{link[1]}raw/")
    field = re.search(r"^Authentication-Results:(?:.*\n)(?:[ \t].*\n)*", source.replace("\r\n", "\n"), re.M)
    assert field is not None, source
    assert f" {recipient.host};" in field[0]
    for method in ("spf", "dkim", "dmarc", "iprev"):
        assert re.search(rf"\b{method}=pass\b", field[0]), field[0]


def _assert_told_to_the_sender(world: World, sender: Installed, recipient: Installed) -> None:
    """The timeline of the message says what the encryption was verified by."""
    timeline = _timeline(world.visitor(sender), "took it over")
    assert f"{recipient.host} " in timeline
    assert "TLS policy: mta-sts+dane" in timeline
    assert "verified" in timeline


def _assert_mail_waits_while_another_key_is_published(world: World) -> None:
    """Whoever has another key than DNS says gets no mail, and the check tells the owner of the zone."""
    name, true = f"_25._tcp.{world.beta.host}", world.beta.records()
    false = [re.sub(r"3 1 1 \S+", "3 1 1 " + "ab" * 32, line) for line in true]
    _publish(world, false, name, "ab" * 28)
    world.send(world.alpha, world.beta, "For somebody else")
    visitor = world.visitor(world.alpha)
    timeline = _timeline(visitor, "It will be tried again")
    assert "TLSA" in timeline
    assert any("deliver no mail" in text for text in world.beta.findings()["DANE"]["errors"])
    _publish(world, true, name, next(line for line in true if line.startswith(name))[-16:])
    world.alpha.manage("queue", "retry", "--all")
    _timeline(visitor, "took it over")


def _publish(world: World, lines: list[str], name: str, part: str) -> None:
    """Publish records of beta, and wait until alpha's resolver has forgotten the earlier ones."""
    world.names.publish(world.beta.domain, lines)
    machine = world.alpha.machine

    def is_known() -> bool:
        found = text_of(machine, OWN_RESOLVER, name, "TLSA")
        return part in found.replace(" ", "")

    wait_until(is_known, "the new key is published", PATIENCE)


def _timeline(visitor: WebVisitor, sentence: str) -> str:
    """What the sender is told about the message that was sent last, once it says this."""
    text = ""

    def is_told() -> bool:
        nonlocal text
        link = re.search(r'href="(/sent/\d+/)"', visitor.page("/sent/"))
        text = visitor.page(link[1]) if link is not None else ""
        return sentence in text

    wait_until(is_told, sentence, PATIENCE)
    return text
