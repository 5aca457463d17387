"""SCRAM and CRAM-MD5 against what the database holds."""

import hmac

import pytest

from mail.configuration.snapshots import Snapshots
from mail.errors import MailError
from mail.identity.cram_md5 import NotEnabled, verify_cram_md5
from mail.identity.mechanisms import LoginMechanisms
from mail.identity.passwords import add_app_password, set_main_password
from mail.identity.scram import VerifiedScram, scram_salt, verify_scram
from mail.models import Account, Credential, Login
from mail.sasl.cram_md5 import CramMd5Claim
from mail.sasl.exchange import SaltQuestion
from mail.sasl.scram_client import ScramClient
from mail.sasl.scram_server import ScramClaim, ScramServer
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.only_database("sqlite")

SHA_256, SHA_1 = "SCRAM-SHA-256", "SCRAM-SHA-1"


def claim_of(username: str, password: str, name: str = SHA_256) -> tuple[ScramClient, ScramClaim]:
    """The client, and the claim that it comes to with the salt of the database."""
    client, server = ScramClient(name, username, password), ScramServer(name, None)
    question = server.step(client.initial())
    assert isinstance(question, SaltQuestion)
    challenge = question.answer(*scram_salt(question.username, question.hash_name))
    claim = server.step(client.step(challenge))
    assert isinstance(claim, ScramClaim)
    return client, claim


def verified(username: str, password: str, name: str = SHA_256) -> VerifiedScram | None:
    return verify_scram(claim_of(username, password, name)[1])


@pytest.mark.parametrize("name", [SHA_256, SHA_1])
@pytest.mark.parametrize("username", ["alice", "alice@example.org", "Alice+x@example.org"])
def test_the_right_password_tells_who_it_is_and_the_server_proves_itself(
    world: World, username: str, name: str
) -> None:
    assert world.alice
    client, claim = claim_of(username, PASSWORD, name)
    found = verify_scram(claim)
    assert found is not None
    assert found.login.login_name == "alice"
    client.step(found.answer)
    assert client.finished


def test_every_password_of_the_login_works_and_says_which_it_was(world: World) -> None:
    login = Login.objects.get(account=world.alice)
    passwords = {label: add_app_password(login, label) for label in ("phone", "laptop")}
    passwords[""] = PASSWORD
    for label, password in passwords.items():
        for name in (SHA_256, SHA_1):
            client, claim = claim_of("alice", password, name)
            found = verify_scram(claim)
            assert found is not None
            assert found.login.credential_label == label
            client.step(found.answer)
    assert Credential.objects.get(label="phone").last_used is not None


@pytest.mark.parametrize("username", ["alice", "bob", "nobody@example.org", "x", "admin"])
def test_a_wrong_name_or_password_is_nobody(world: World, username: str) -> None:
    assert world.alice
    assert world.admin
    assert verified(username, "wrong password") is None


def test_a_login_without_an_account_can_not_use_mail(world: World) -> None:
    assert world.admin
    assert verified("admin", PASSWORD) is None


def test_a_revoked_password_does_not_finish_an_exchange(world: World) -> None:
    login = Login.objects.get(account=world.alice)
    _, claim = claim_of("alice", add_app_password(login, "phone"))
    login.credentials.filter(label="phone").delete()
    assert verify_scram(claim) is None


def test_a_password_that_is_changed_meanwhile_is_not_accepted(world: World) -> None:
    _, claim = claim_of("alice", PASSWORD)
    set_main_password(Login.objects.get(account=world.alice), "another password")
    assert verify_scram(claim) is None
    assert verified("alice", "another password") is not None


def test_a_closed_account_says_why_but_only_to_who_knows_the_password(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(login_disabled="on holiday")
    assert verified("alice", "wrong password") is None
    with pytest.raises(MailError, match=r"525 5\.7\.13 on holiday"):
        verified("alice", PASSWORD)


def test_names_that_nobody_has_look_like_names_of_somebody(world: World) -> None:
    assert world.alice
    real = scram_salt("alice@example.org", "SHA-256")
    fake = scram_salt("nobody@example.org", "SHA-256")
    assert (len(real[0]), real[1]) == (len(fake[0]), fake[1])
    assert scram_salt("Nobody+x@EXAMPLE.org", "SHA-256") == fake
    assert scram_salt("Alice+x@EXAMPLE.org", "SHA-256") == real
    assert scram_salt("nobody@example.org", "SHA-1") != fake
    assert scram_salt("somebody@example.org", "SHA-256") != fake


def test_the_work_for_nobody_is_that_for_somebody(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert world.alice
    counted = []
    for username in ("alice", "nobody"):
        _, claim = claim_of(username, "wrong password")
        with CaptureQueriesContext(connection) as queries:
            assert verify_scram(claim) is None
        with CaptureQueriesContext(connection) as salt_queries:
            scram_salt(username, "SHA-256")
        counted.append((len(queries), len(salt_queries)))
    assert counted[0] == counted[1]


def cram(username: str, password: str) -> CramMd5Claim:
    challenge = b"<1.2@mail.example.org>"
    return CramMd5Claim(username, challenge, hmac.new(password.encode(), challenge, "md5").hexdigest())


@pytest.fixture
def allowing(world: World) -> World:
    """alice may use CRAM-MD5, and has set her password since."""
    world.alice.cram_md5 = True
    world.alice.save()
    set_main_password(Login.objects.get(account=world.alice), PASSWORD)
    return world


def test_cram_md5_works_with_every_password_of_an_account_that_allows_it(allowing: World) -> None:
    app = add_app_password(Login.objects.get(account=allowing.alice), "phone")
    for password, label in ((PASSWORD, ""), (app, "phone")):
        found = verify_cram_md5(cram("alice@example.org", password))
        assert found is not None
        assert found.credential_label == label
    assert verify_cram_md5(cram("alice", "wrong password")) is None


@pytest.mark.parametrize("username", ["bob", "nobody", "nobody@example.org", "admin"])
def test_cram_md5_is_refused_alike_for_those_who_do_not_allow_it_and_for_nobody(
    allowing: World, username: str
) -> None:
    assert allowing.bob
    assert allowing.admin
    with pytest.raises(NotEnabled, match=r"535 5\.7\.8 wrong user name or password, or an account"):
        verify_cram_md5(cram(username, PASSWORD))


def test_a_password_from_before_cram_md5_was_allowed_is_not_wrong(world: World) -> None:
    world.alice.cram_md5 = True
    world.alice.save()
    with pytest.raises(NotEnabled):
        verify_cram_md5(cram("alice", PASSWORD))


def test_the_configuration_knows_whether_somebody_allows_cram_md5(world: World) -> None:
    snapshots = Snapshots()
    assert world.alice
    assert "CRAM-MD5" not in snapshots.refresh_now().section(LoginMechanisms).names
    Account.objects.filter(pk=world.alice.pk).update(cram_md5=True)
    names = snapshots.refresh_now().section(LoginMechanisms).names
    assert {"CRAM-MD5", "SCRAM-SHA-256-PLUS", "PLAIN"} <= names
