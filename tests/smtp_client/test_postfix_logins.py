"""Logging in over TLS at a real Postfix, whose Cyrus SASL others wrote, by each mechanism it has."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from delivery.smtp.client.connect import connect
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.session import leave, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy, Trust, load_trust
from tests.smtp_client.conversation import greeter
from tests.world.authority import Authority
from tests.world.postfix import Postfix, require_postfix
from tests.world.waiting import wait_until

pytestmark = pytest.mark.external

HOST = "relay.example"
ALL = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")
PASSWORD = "geheim = 1,2 ü"


class Relay:
    """A Postfix that takes mail after a login."""

    def __init__(self, postfix: Postfix, trust: Trust) -> None:
        self.postfix = postfix
        self._trust = trust

    def log_in(self, *mechanisms: str, username: str = "me", password: str = PASSWORD) -> str:
        """The mechanism that was used, after which mail is taken."""
        return asyncio.run(self._log_in(Credentials(username, password, mechanisms)))

    async def _log_in(self, credentials: Credentials) -> str:
        policy = TlsPolicy(TlsMode.REQUIRED, verify=True)
        how = greeter(tls=policy, trust=self._trust, credentials=credentials)
        port = self.postfix.submission_port
        session = await open_session(
            await connect("127.0.0.1", port, seconds=5), HOST, "127.0.0.1", port, how
        )
        assert (await session.command(Stage.MAIL, "MAIL FROM:<alice@example.org>")).code == 250
        assert (await session.command(Stage.RCPT, "RCPT TO:<carol@remote.example>")).code == 250
        leave(session)
        return session.facts.mechanism


def relay_with(mechanisms: Sequence[str], folder: Path) -> Iterator[Relay]:
    require_postfix(login=True)
    authority = Authority(folder)
    logins = {"me": PASSWORD, "a,b=c": PASSWORD}
    with Postfix(certificate=authority.files(HOST), logins=logins, mechanisms=mechanisms) as running:
        yield Relay(running, load_trust(authority.ca_file))


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """It offers everything."""
    yield from relay_with(ALL, tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def scram_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """It offers SCRAM and nothing else."""
    yield from relay_with(ALL[:2], tmp_path_factory.mktemp("scram"))


@pytest.mark.parametrize("name", ALL)
def test_every_mechanism_logs_in(relay: Relay, name: str) -> None:
    assert relay.log_in(name) == name
    logged = f"sasl_method={name}, sasl_username=me@"
    wait_until(lambda: logged in relay.postfix.log, f"{logged} in its log")


def test_the_strongest_is_used_when_none_is_configured(relay: Relay) -> None:
    assert relay.log_in() == "SCRAM-SHA-256"


def test_a_user_name_with_commas_and_equals_signs_arrives(relay: Relay) -> None:
    assert relay.log_in("SCRAM-SHA-256", username="a,b=c") == "SCRAM-SHA-256"


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_password_is_refused_by_the_server(relay: Relay, name: str) -> None:
    with pytest.raises(DeliveryFailure) as raised:
        relay.log_in(name, password="wrong")
    assert raised.value.remote
    assert raised.value.public.code == 535


def test_a_relay_that_offers_only_scram_is_enough(scram_only: Relay) -> None:
    assert scram_only.log_in() == "SCRAM-SHA-256"
    assert scram_only.log_in("CRAM-MD5", "SCRAM-SHA-1", "PLAIN") == "SCRAM-SHA-1"


def test_what_was_allowed_and_what_is_offered_is_told_when_nothing_fits(scram_only: Relay) -> None:
    with pytest.raises(DeliveryFailure, match=r"offers SCRAM-SHA-.*; allowed here are PLAIN, LOGIN"):
        scram_only.log_in("PLAIN", "LOGIN")
