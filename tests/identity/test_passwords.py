"""Setting, checking and revoking the passwords of a login."""

import pytest

from mail import clock
from mail.configuration.sealed import installation_seal
from mail.identity import passwords
from mail.identity.passwords import (
    PasswordRefused,
    add_app_password,
    cram_md5_context,
    matching_credential,
    revoke,
    salts_of,
    set_main_password,
)
from mail.models import Account, Credential, Login
from mail.sasl.cram_md5 import decode_cram_md5_verifier, make_cram_md5_verifier
from mail.sasl.verifier import ScramVerifier
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def login(world: World) -> Login:
    return world.alice.login


def test_the_password_that_was_set_is_found(world: World, login: Login) -> None:
    found = matching_credential(login, world.password)
    assert found is not None
    assert found.kind == Credential.Kind.MAIN


@pytest.mark.parametrize(
    "wrong", ["", "correct horse batter", "correct horse batterY", "x" * 2000, "\0", "a\ud800"]
)
def test_another_password_is_not_found(login: Login, wrong: str) -> None:
    assert matching_credential(login, wrong) is None


def test_a_login_without_passwords_has_no_match(world: World) -> None:
    assert matching_credential(Login.objects.create(name="new"), world.password) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [("seven77", "at least 8"), ("", "empty"), ("control\x07character", "control characters")],
)
def test_a_poor_password_is_refused_and_the_old_one_stays(
    world: World, login: Login, password: str, reason: str
) -> None:
    with pytest.raises(PasswordRefused, match=reason):
        set_main_password(login, password)
    assert matching_credential(login, world.password) is not None


def test_a_password_of_eight_characters_is_enough(login: Login) -> None:
    set_main_password(login, "moxadmin")
    assert matching_credential(login, "moxadmin") is not None


def test_equal_characters_in_another_unicode_form_are_the_same_password(login: Login) -> None:
    set_main_password(login, "pässwörter")
    assert matching_credential(login, "pa\u0308sswo\u0308rter") is not None


def test_the_new_main_password_replaces_the_old_one(world: World, login: Login) -> None:
    set_main_password(login, "another password")
    assert matching_credential(login, "another password") is not None
    assert matching_credential(login, world.password) is None
    assert login.credentials.count() == 1


def test_all_passwords_of_a_login_have_one_salt_and_iteration_count(world: World, login: Login) -> None:
    before = salts_of(login)
    app = add_app_password(login, "phone")
    set_main_password(login, "another password")
    login.refresh_from_db()
    assert salts_of(login) == before
    for password in (app, "another password"):
        assert matching_credential(login, password) is not None


def test_without_app_passwords_a_new_main_password_renews_the_salts(login: Login) -> None:
    before = salts_of(login)
    set_main_password(login, "another password")
    assert salts_of(login) != before


def test_an_app_password_may_be_the_first_password(world: World) -> None:
    login = Login.objects.create(name="new")
    app = add_app_password(login, "printer")
    set_main_password(login, "a main password")
    assert matching_credential(login, app) is not None


def test_salts_that_another_process_has_set_are_kept(world: World, login: Login) -> None:
    stale = Login.objects.get(pk=login.pk)
    set_main_password(login, "another password")
    app = add_app_password(stale, "phone")
    assert matching_credential(Login.objects.get(pk=login.pk), app) is not None
    assert matching_credential(Login.objects.get(pk=login.pk), "another password") is not None


def test_the_verifiers_prove_the_password_by_both_hashes(world: World, login: Login) -> None:
    credential = login.credentials.get()
    salts = salts_of(login)
    assert salts is not None
    for name, salt in (("256", salts.sha_256), ("1", salts.sha_1)):
        stored_key = bytes(getattr(credential, f"scram_sha_{name}_stored_key"))
        server_key = bytes(getattr(credential, f"scram_sha_{name}_server_key"))
        verifier = ScramVerifier(f"SHA-{name}", salt, salts.iterations, stored_key, server_key)
        assert verifier.matches(world.password)


def test_app_passwords_are_told_apart_and_revoked_one_by_one(world: World, login: Login) -> None:
    phone, laptop = add_app_password(login, "phone"), add_app_password(login, " laptop ")
    found = matching_credential(login, laptop)
    assert found is not None
    assert found.label == "laptop"
    revoke(found)
    assert matching_credential(login, laptop) is None
    assert matching_credential(login, phone) is not None
    assert matching_credential(login, world.password) is not None


@pytest.mark.parametrize("label", ["", "  ", "x" * 101])
def test_an_app_password_needs_a_label(login: Login, label: str) -> None:
    with pytest.raises(PasswordRefused):
        add_app_password(login, label)


def test_generated_passwords_differ_and_pass_the_rules() -> None:
    generated = {passwords.generate_app_password() for _ in range(100)}
    assert len(generated) == 100
    for password in generated:
        passwords.check_new_password(password)


def test_no_cram_md5_secret_is_kept_unless_the_account_wants_it(login: Login) -> None:
    assert login.credentials.get().cram_md5_sealed == b""


def test_the_cram_md5_secret_is_sealed_for_its_login(world: World) -> None:
    world.alice.cram_md5 = True
    world.alice.save()
    login = Login.objects.get(account=world.alice)
    set_main_password(login, "another password")
    sealed = bytes(login.credentials.get().cram_md5_sealed)
    opened = installation_seal().open(sealed, cram_md5_context(login))
    assert decode_cram_md5_verifier(opened) == make_cram_md5_verifier("another password")


def test_disabling_cram_md5_removes_the_secrets(world: World) -> None:
    world.alice.cram_md5 = True
    world.alice.save()
    login = Login.objects.get(account=world.alice)
    set_main_password(login, "another password")
    account = Account.objects.get(pk=world.alice.pk)
    account.cram_md5 = False
    account.save()
    assert login.credentials.get().cram_md5_sealed == b""


def test_the_moment_of_setting_is_recorded(world: World, login: Login) -> None:
    clock.advance(clock.DAY)
    set_main_password(login, "another password")
    assert abs(login.credentials.get().created - clock.now()) < clock.MINUTE
