"""The whole way with the processes users run: swaks submits, a real Postfix is the relay and the MX."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from django.test import Client

from delivery.models import Attempt, QueuedRecipient, Route, Transport
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.mail_processes import MailProcesses
from tests.world.postfix import Postfix, require_postfix
from tests.world.waiting import wait_until
from tests.world.world import PASSWORD, World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite"), pytest.mark.long]

RELAY = "relay.example"
RELAY_PASSWORD = "secret of the relay"


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(
        {
            "remote.example": {"MX": ["10 mx.remote.example."]},
            "mx.remote.example": {"A": ["127.0.0.1"]},
            RELAY: {"A": ["127.0.0.1"]},
        }
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def _needs_programs() -> None:
    require_postfix(login=True)
    if shutil.which("swaks") is None:
        pytest.skip("swaks is not installed")


def submit(processes: MailProcesses, subject: str) -> None:
    """One message of alice to bob, who is here, and carol, who is elsewhere."""
    subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{processes.port}", "--tls", "--silent", "2",
         "--auth-user", "alice@example.org", "--auth-password", PASSWORD,
         "--from", "alice@example.org", "--to", "bob@example.org,carol@remote.example",
         "--header", f"Subject: {subject}", "--body", "Is it Tuesday?"],
        check=True,
        timeout=60,
    )  # fmt: skip


def processes_beside(
    world: World, authority: Authority, dns: FakeDns, postfix: Postfix
) -> MailProcesses:  # fmt: skip
    return MailProcesses(
        world,
        authority,
        MOXSITE_RESOLVER="{}:{}".format(*dns.address),
        MOXSITE_REMOTE_SMTP_PORT=str(postfix.smtp_port),
        MOXSITE_TLS_CA_FILE=str(authority.ca_file),
    )


def assert_bob_reads(subject: str) -> None:
    browser = Client()
    assert browser.login(username="bob@example.org", password=PASSWORD)
    assert subject in browser.get("/").content.decode()


def arrived(state: str = "delivered") -> bool:
    return QueuedRecipient.objects.filter(domain="remote.example", state=state).exists()


def test_a_message_leaves_through_the_smarthost_that_a_route_chose(world: World, dns: FakeDns) -> None:
    _ = world.alice, world.bob
    authority = Authority(world.folder)
    with Postfix(certificate=authority.files(RELAY), logins={"me": RELAY_PASSWORD}) as postfix:
        settings = {"host": RELAY, "port": postfix.submission_port, "username": "me@postfix.test"}
        relay = Transport(name="relay", kind="submission", settings=settings)
        relay.set_password(RELAY_PASSWORD)
        relay.save()
        Route(account=world.alice, to_domains=["remote.example"], transport=relay).save()
        with processes_beside(world, authority, dns, postfix) as running:
            submit(running, "through the relay")
            (raw,) = postfix.messages(1)
            wait_until(arrived, "the queue knows of it")
    assert b"Subject: through the relay" in raw
    assert b"Is it Tuesday?" in raw
    attempt = Attempt.objects.get()
    assert (attempt.transport, attempt.rule) == ("relay", 'account rule 1 "to remote.example"')
    assert attempt.tls == "TLSv1.3 verified"
    assert_bob_reads("through the relay")


def test_without_a_route_it_goes_to_the_mx_of_the_domain(world: World, dns: FakeDns) -> None:
    _ = world.alice, world.bob
    authority = Authority(world.folder)
    with (
        Postfix(certificate=authority.files("mx.remote.example")) as postfix,
        processes_beside(world, authority, dns, postfix) as running,
    ):
        submit(running, "straight to you")
        (raw,) = postfix.messages(1)
        wait_until(arrived, "the queue knows of it")
    assert b"Subject: straight to you" in raw
    attempt = Attempt.objects.get()
    assert (attempt.host, attempt.ip) == ("mx.remote.example", "127.0.0.1")
    assert_bob_reads("straight to you")
