"""Each mechanism against the database: our client, programs of others, and what a failure costs."""

import asyncio
import base64
import logging
import shutil
import subprocess

import pytest

from delivery.smtp.client.connect import connect
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.session import leave, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy, load_trust
from delivery.smtp.server.backend import Service
from mail.identity.passwords import add_app_password, set_main_password
from mail.limiter import logins
from mail.log.levels import TRACE
from mail.models import Login
from mail.sasl.choice import CLIENT_MECHANISMS
from tests.smtp_client.conversation import greeter
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.only_database("sqlite")

SCRAM = "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1"


def allow_cram_md5(world: World) -> None:
    world.alice.cram_md5 = True
    world.alice.save()
    set_main_password(Login.objects.get(account=world.alice), PASSWORD)


async def log_in(server: MailServer, *mechanisms: str, username: str = "alice", password: str) -> str:
    port = server.ports[Service.SUBMISSION]
    how = greeter(
        tls=TlsPolicy(TlsMode.REQUIRED, verify=True),
        trust=load_trust(server.ca_file),
        credentials=Credentials(username, password, mechanisms),
    )
    connection = await connect("127.0.0.1", port, seconds=5)
    session = await open_session(connection, "localhost", "127.0.0.1", port, how)
    leave(session)
    return session.facts.mechanism


def attempt(server: MailServer, *mechanisms: str, username: str = "alice", password: str = PASSWORD) -> str:
    server.settle()
    return asyncio.run(log_in(server, *mechanisms, username=username, password=password))


def announced(server: MailServer) -> str:
    server.settle()
    with server.connect(Service.SUBMISSIONS) as client:
        lines = client.expect("250", "EHLO client.example").split("\n")
    return next(line[4:] for line in lines if "AUTH" in line)


def test_our_client_logs_in_by_every_mechanism(
    world: World, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    allow_cram_md5(world)
    app = add_app_password(Login.objects.get(account=world.alice), "phone")
    for name in CLIENT_MECHANISMS:
        assert attempt(server, name, username="alice+x@example.org") == name
        assert attempt(server, name, password=app) == name
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert attempt(server) == "SCRAM-SHA-256-PLUS"
    (logged,) = [vars(each)["fields"] for each in caplog.records if each.getMessage() == "logged in"]
    assert (logged["login"], logged["mechanism"]) == ("alice", "SCRAM-SHA-256-PLUS")


def test_cram_md5_is_announced_while_an_account_allows_it(world: World, server: MailServer) -> None:
    assert world.alice
    assert announced(server) == f"{SCRAM} PLAIN LOGIN"
    allow_cram_md5(world)
    assert announced(server) == f"{SCRAM} CRAM-MD5 PLAIN LOGIN"
    world.alice.cram_md5 = False
    world.alice.save()
    assert announced(server) == f"{SCRAM} PLAIN LOGIN"


def test_nothing_is_announced_in_the_clear(world: World, server: MailServer) -> None:
    assert world.alice
    with server.connect(Service.SUBMISSION) as client:
        assert "AUTH" not in client.expect("250", "EHLO client.example")


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "after_failures", lambda failures: 0.0)
    allow_cram_md5(world)
    for name in CLIENT_MECHANISMS:
        for username in ("alice", "nobody@example.org"):
            with pytest.raises(DeliveryFailure) as raised:
                attempt(server, name, username=username, password="wrong password")
            more = ", or an account that does not allow CRAM-MD5" if name == "CRAM-MD5" else ""
            assert str(raised.value.public) == f"535 5.7.8 wrong user name or password{more}"


def test_cram_md5_of_an_account_without_it_is_no_guess_at_a_password(
    world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[int] = []

    def noting(failures: int) -> float:
        delays.append(failures)
        return 0.0

    monkeypatch.setattr(logins, "after_failures", noting)
    allow_cram_md5(world)
    world.bob  # noqa: B018
    with server.connect(Service.SUBMISSIONS) as client:
        for username in ("bob", "bob", "nobody", "alice", "alice"):
            client.expect("334", "AUTH CRAM-MD5")
            client.expect("535", base64.b64encode(f"{username} {'0' * 32}".encode()).decode())
    assert delays == [1, 1, 1, 1, 2]


def test_the_log_at_trace_has_no_secret_of_any_mechanism(
    world: World, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    allow_cram_md5(world)
    caplog.set_level(TRACE)
    for name in ("delivery.smtp.server", "delivery.smtp.client"):
        logging.getLogger(name).setLevel(TRACE)
    for name in CLIENT_MECHANISMS:
        attempt(server, name)
    fields = [vars(record).get("fields", {}) for record in caplog.records]
    lines = [each["line"] for each in fields if "line" in each]
    assert sum(line.startswith("334") for line in lines) >= 2 * len(CLIENT_MECHANISMS)
    assert {line for line in lines if line.startswith("334")} == {"334 ***"}
    assert {line.split()[-1] for line in lines if line.startswith("AUTH ")} <= {"***", *CLIENT_MECHANISMS}
    assert PASSWORD not in "".join(str(vars(record)) for record in caplog.records)


MESSAGE = "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: hi\r\n\r\nhi\r\n"


def run_program(name: str, *arguments: str) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([path, *arguments], input=MESSAGE.encode(), capture_output=True, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


@pytest.mark.external
def test_msmtp_logs_in_by_scram(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    server.settle()
    for name in ("scram-sha-256", "scram-sha-1"):
        run_program(
            "msmtp",
            *("--host=localhost", f"--port={server.ports[Service.SUBMISSION]}", "--tls=on"),
            *(f"--tls-trust-file={server.ca_file}", "--tls-starttls=on", f"--auth={name}", "--user=alice"),
            *(f"--passwordeval=echo {PASSWORD}", "--from=alice@example.org", "bob@example.org"),
        )
    assert len(world.messages(world.bob)) == 2


@pytest.mark.external
def test_swaks_logs_in_by_cram_md5_and_login(world: World, server: MailServer) -> None:
    allow_cram_md5(world)
    world.bob  # noqa: B018
    server.settle()
    for name in ("CRAM-MD5", "LOGIN"):
        run_program(
            "swaks",
            *(
                "--server",
                f"localhost:{server.ports[Service.SUBMISSIONS]}",
                "--tls-on-connect",
                "--auth",
                name,
            ),
            *("--auth-user", "alice@example.org", "--auth-password", PASSWORD, "--silent", "2"),
            *("--from", "alice@example.org", "--to", "bob@example.org", "--data", "-"),
        )
    assert len(world.messages(world.bob)) == 2
