import io
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from acme import errors, messages
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from delivery.smtp.server.backend import Service
from mail import clock
from mail.configuration.certificates import store_certificate
from mail.configuration.served_certificates import ServedCertificates
from mail.configuration.snapshot import compile_snapshot
from mail.models import Certificate
from mail.store.writer import stop_writer
from mail.tls.certificates import make_certificate, write_certificate
from moxsite.acme.names import wanted_names
from moxsite.acme.problems import described
from moxsite.acme.renewal import renew_certificates, stored_certificate
from moxsite.acme.trying import try_again_now
from moxsite.models import AcmeAccount, AcmeChallenge, AcmeName
from tests.acme.pebble import HMAC_KEY, KEY_ID, Pebble, missing, pebble
from tests.pages.visiting import page, visit_as
from tests.world.smtp_process import MailProcess
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = pytest.mark.long

HOST = "mail.example.org"
HERE = {"A": ["127.0.0.1"]}

with_pebble = [
    pytest.mark.external,
    pytest.mark.only_database("sqlite"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]


@pytest.fixture
def authority(world: World, tmp_path: Path) -> Iterator[Pebble]:
    with pebble(tmp_path) as running:
        running.dns.add(HOST, HERE)
        yield running


def public_key(certificate: Certificate) -> bytes:
    parsed = x509.load_pem_x509_certificates(certificate.chain.encode())[0]
    return parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def stored(name: str = HOST) -> Certificate:
    found = stored_certificate(name)
    assert found is not None
    return found


class TestWithPebble:
    pytestmark = with_pebble

    def test_an_authority_that_drops_nonces_is_asked_again(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PEBBLE_WFE_NONCEREJECT", "40")  # percent
        with pebble(tmp_path) as running:
            running.dns.add(HOST, HERE)
            renew_certificates()
        assert stored().names == [HOST]

    def test_a_certificate_is_obtained_once_and_renewed_with_its_key(self, authority: Pebble) -> None:
        renew_certificates()
        first = stored()
        assert first.names == [HOST]
        row = AcmeName.objects.get(name=HOST)
        assert (row.state, row.problem) == ("valid", "")
        assert not AcmeChallenge.objects.exists()
        asked = len(authority.asked)
        assert asked
        renew_certificates()
        assert len(authority.asked) == asked
        assert stored().pk == first.pk
        clock.advance((first.not_after - first.not_before) * 3 // 4)
        renew_certificates()
        second = stored()
        assert second.pk != first.pk
        assert Certificate.objects.count() == 1
        assert public_key(second) == public_key(first)
        assert AcmeAccount.objects.count() == 1

    def test_a_running_smtp_server_shows_it_without_a_restart(
        self, world: World, authority: Pebble, tmp_path: Path
    ) -> None:
        folder = tmp_path / "smtp"
        folder.mkdir()
        stop_writer()
        with MailProcess(world, folder) as process:
            process.start()
            before = len(process.log)
            renew_certificates()
            wait_until(lambda: "configuration loaded" in process.log[before:], "the certificate is loaded")
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            address = ("127.0.0.1", process.ports[Service.SUBMISSIONS])
            shown = {}
            for name in (HOST, "unknown.example"):
                with (
                    socket.create_connection(address) as plain,
                    trusting.wrap_socket(plain, server_hostname=name) as connected,
                ):
                    certificate = connected.getpeercert(binary_form=True)
                    assert certificate
                    shown[name] = x509.load_der_x509_certificate(certificate).issuer.rfc4514_string()
        assert "Pebble" in shown[HOST]
        assert "Pebble" not in shown["unknown.example"]

    def test_a_name_that_leads_elsewhere_fails_with_the_reason_and_waits_longer_each_time(
        self, world: World, authority: Pebble
    ) -> None:
        authority.dns.add(HOST, {"A": ["127.0.0.2"]})
        renew_certificates()
        row = AcmeName.objects.get(name=HOST)
        assert row.state == "failed"
        assert "127.0.0.2" in row.problem or HOST in row.problem
        first_wait = row.next_attempt - clock.now()
        assert first_wait >= clock.HOUR * 99 // 100
        text = page(visit_as(world.admin), "/admin/certificates/")
        assert "failed" in text
        assert HOST in text
        try_again_now(HOST)
        renew_certificates()
        row.refresh_from_db()
        assert row.failures == 2
        assert row.next_attempt - clock.now() > first_wait * 3 // 2
        authority.dns.add(HOST, HERE)
        visit_as(world.admin).post("/admin/certificates/", {"again": HOST})
        renew_certificates()
        assert stored().names == [HOST]

    def test_a_name_that_is_not_in_dns_is_not_asked_for(self, world: World, authority: Pebble) -> None:
        authority.dns.remove(HOST)
        assert world.example_org
        renew_certificates()
        rows = {row.name: row for row in AcmeName.objects.all()}
        assert {row.state for row in rows.values()} == {"not in dns"}
        assert "Publish" in rows[HOST].problem
        assert rows["mta-sts.example.org"].problem == ""
        assert not AcmeAccount.objects.exists()

    def test_an_authority_that_forgot_us_is_told_again_who_we_are(self, authority: Pebble) -> None:
        renew_certificates()
        authority.restart()
        Certificate.objects.all().delete()
        try_again_now(HOST)
        renew_certificates()
        assert stored().names == [HOST]
        assert AcmeAccount.objects.count() == 1

    def test_an_account_is_bound_where_the_authority_wants_it(self, world: World, tmp_path: Path) -> None:
        with pebble(tmp_path, needs_binding=True) as authority:
            authority.dns.add(HOST, HERE)
            renew_certificates()
            assert "MOXSITE_ACME_EAB_KEY_ID" in AcmeName.objects.get(name=HOST).problem
            try_again_now(HOST)
            with override_settings(MOXSITE_ACME_EAB_KEY_ID=KEY_ID, MOXSITE_ACME_EAB_HMAC_KEY=HMAC_KEY):
                renew_certificates()
            assert stored().names == [HOST]


@pytest.mark.only_database("sqlite")
def test_an_authority_that_is_away_lets_all_names_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moxsite.acme.renewal.has_address", lambda name: True)
    with override_settings(MOXSITE_ACME_DIRECTORY="https://127.0.0.1:9/dir"):
        assert world.example_org
        renew_certificates()
    assert AcmeName.objects.count() == 4
    assert all(row.next_attempt >= clock.now() + 9 * clock.MINUTE for row in AcmeName.objects.all())
    assert "can't be reached" in AcmeName.objects.get(state="failed").problem


@pytest.mark.only_database("sqlite")
def test_without_a_directory_nothing_is_asked(world: World) -> None:
    renew_certificates()
    assert not AcmeName.objects.exists()
    assert "MOXSITE_ACME_DIRECTORY" in page(visit_as(world.admin), "/admin/certificates/")


@pytest.mark.only_database("sqlite")
def test_only_names_of_the_configuration_are_wanted(world: World) -> None:
    assert world.b_example
    names = {wanted.name for wanted in wanted_names()}
    assert names == {HOST, "mta-sts.b.example", "autoconfig.b.example", "autodiscover.b.example"}
    with override_settings(MOXSITE_HOSTNAME="localhost"):
        assert HOST not in {wanted.name for wanted in wanted_names()}


@pytest.mark.only_database("sqlite")
def test_names_of_a_certificate_of_the_operator_are_left_alone(world: World, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    write_certificate(certificate, key, [HOST])
    with override_settings(MOXSITE_TLS_CERT_FILE=str(certificate), TLS_CERTIFICATE=certificate):
        assert wanted_names() == []


@pytest.mark.only_database("sqlite")
def test_names_of_an_uploaded_certificate_are_ordered_when_it_ends(world: World) -> None:
    assert world.b_example
    chain, key = make_certificate([HOST, "*.b.example"])
    row = store_certificate(chain, key, Certificate.Source.OPERATOR)
    assert wanted_names() == []
    Certificate.objects.filter(pk=row.pk).update(not_after=clock.now() + clock.DAY)
    assert len(wanted_names()) == 4
    Certificate.objects.filter(pk=row.pk).update(not_after=row.not_after, source=Certificate.Source.ACME)
    assert len(wanted_names()) == 4


@pytest.mark.only_database("sqlite")
def test_the_command_lists_and_refuses_names_of_others(world: World) -> None:
    AcmeName.objects.create(name=HOST, state="failed", problem="no route")
    said = io.StringIO()
    call_command("certificates", "list", stdout=said)
    assert said.getvalue() == f"{HOST}  failed: no route\n"
    with pytest.raises(CommandError, match="is not set"):
        call_command("certificates", "renew")
    with (
        override_settings(MOXSITE_ACME_DIRECTORY="letsencrypt"),
        pytest.raises(CommandError, match=r"Not a name of this server: other\.example"),
    ):
        call_command("certificates", "renew", "other.example")


def test_limits_of_an_authority_are_heeded() -> None:
    limited = messages.Error.from_json(
        {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates"}
    )
    problem = described(limited)
    assert problem.wait >= clock.HOUR
    assert "too many certificates" in str(problem)
    assert described(errors.TimeoutError()).wait == 0


@pytest.mark.only_database("sqlite")
def test_challenges_are_answered_while_they_are_open(world: World) -> None:
    AcmeChallenge.objects.create(token="abc_-9", answer="abc_-9.print", created=clock.now())
    client = Client()
    assert client.get("/.well-known/acme-challenge/abc_-9").content == b"abc_-9.print"
    assert client.get("/.well-known/acme-challenge/other").status_code == 404
    assert client.get("/.well-known/acme-challenge/" + "x" * 500).status_code == 404


@pytest.mark.only_database("sqlite")
def test_who_names_no_host_is_shown_the_certificate_of_this_server(world: World, tmp_path: Path) -> None:
    from mail.configuration.certificates import store_certificate
    from mail.tls.certificates import make_certificate

    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    write_certificate(certificate, key, ["self.made"])
    served = ServedCertificates(certificate, key, HOST)
    files = served.context
    store_certificate(*make_certificate([HOST]), "acme")
    served.configured(compile_snapshot())
    assert served.context is not files
    preferring = ServedCertificates(certificate, key, HOST, prefer_files=True)
    before = preferring.context
    preferring.configured(compile_snapshot())
    assert preferring.context is before
    Certificate.objects.all().delete()
    served.configured(compile_snapshot())
    assert served.context is files
