"""Passwords of a login: setting, checking and taking them away. Stored are verifiers only.

Functions here take a Login and reach its credentials through it; mail.models.login builds on them.
"""

import hmac
import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mail import clock
from mail.configuration.sealed import installation_seal
from mail.identity.salts import Salts, fake_salts, new_salts
from mail.sasl.cram_md5 import make_cram_md5_verifier
from mail.sasl.preparation import UnusablePassword, prepare_password
from mail.sasl.verifier import make_verifier

if TYPE_CHECKING:
    from mail.models import Credential, Login

SHORTEST_PASSWORD = 8
"""Characters."""

_MAIN, _APP = "main", "app"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no look-alikes; 32 letters are 5 bits each
_GROUPS, _GROUP_LENGTH = 4, 5


class PasswordRefused(ValueError):
    """A password can't be used. The message is for whoever chose it and repeats nothing of it."""


def check_new_password(password: str) -> None:
    """Raises PasswordRefused unless a login may have this password."""
    try:
        prepare_password(password)
    except UnusablePassword as error:
        raise PasswordRefused(f"{error}".capitalize() + ".") from None
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordRefused(f"A password has at least {SHORTEST_PASSWORD} characters.")


@transaction.atomic
def set_main_password(login: "Login", password: str) -> "Credential":
    """Replace the main password, or set the first one. Sessions of the login end.

    The salts are renewed if no app password depends on them. Raises PasswordRefused.
    """
    check_new_password(password)
    _lock(login)
    has_app_passwords = login.credentials.filter(kind=_APP).exists()
    salts = (salts_of(login) if has_app_passwords else None) or new_salts()
    _keep_salts(login, salts)
    fields = {"created": clock.now(), "last_used": None, **_verifiers(login, password, salts)}
    credential, _ = login.credentials.update_or_create(kind=_MAIN, defaults=fields)
    return credential


@transaction.atomic
def add_app_password(login: "Login", label: str) -> str:
    """Add a generated password for one program or device and return it; it can't be shown again.

    Raises PasswordRefused for a label that says nothing or is too long.
    """
    if not 0 < len(label.strip()) <= 100:
        raise PasswordRefused("Name the program or device, with at most 100 characters.")
    _lock(login)
    salts = salts_of(login) or new_salts()
    _keep_salts(login, salts)
    password = generate_app_password()
    login.credentials.create(
        kind=_APP, label=label.strip(), created=clock.now(), **_verifiers(login, password, salts)
    )
    return password


def revoke(credential: "Credential") -> None:
    """Take a password away. Nobody logs in with it any more; sessions of the main password end."""
    credential.delete()


def generate_app_password() -> str:
    """A random password of 100 bits, in groups that can be typed."""
    letters = (secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP_LENGTH))
    return "-".join("".join(next(letters) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def matching_credential(login: "Login", password: str, *, main_only: bool = False) -> "Credential | None":
    """The credential of the login that has this password.

    Costs the same whether there is one, several or none. Takes milliseconds of processor time.
    """
    credentials = login.credentials.filter(kind=_MAIN) if main_only else login.credentials.all()
    tried = _stored_key(password, salts_of(login) or fake_salts(login.name))
    found = None
    for credential in credentials:
        if tried and hmac.compare_digest(bytes(credential.scram_sha_256_stored_key), tried):
            found = credential
    return found


def spend_as_if_checking(username: str, password: str) -> None:
    """Take as long as a check for a login that exists."""
    _stored_key(password, fake_salts(username))


def salts_of(login: "Login") -> Salts | None:
    """The salts of a login; None before its first password."""
    if not login.scram_iterations:
        return None
    return Salts(bytes(login.scram_sha_256_salt), bytes(login.scram_sha_1_salt), login.scram_iterations)


def cram_md5_context(login: "Login") -> str:
    """What the CRAM-MD5 secrets of a login are sealed for."""
    return f"login {login.pk} cram-md5"


def _stored_key(password: str, salts: Salts) -> bytes:
    try:
        return make_verifier(password, "SHA-256", salts.sha_256, salts.iterations).stored_key
    except UnusablePassword:
        return b""


def _verifiers(login: "Login", password: str, salts: Salts) -> dict[str, Any]:
    sha_256 = make_verifier(password, "SHA-256", salts.sha_256, salts.iterations)
    sha_1 = make_verifier(password, "SHA-1", salts.sha_1, salts.iterations)
    sealed = b""
    if login.account is not None and login.account.cram_md5:
        secret = make_cram_md5_verifier(password).encode()
        sealed = installation_seal().seal(secret, cram_md5_context(login))
    return {
        "scram_sha_256_stored_key": sha_256.stored_key,
        "scram_sha_256_server_key": sha_256.server_key,
        "scram_sha_1_stored_key": sha_1.stored_key,
        "scram_sha_1_server_key": sha_1.server_key,
        "cram_md5_sealed": sealed,
    }


def _lock(login: "Login") -> None:
    """Keep others from setting a password by other salts meanwhile, and see the salts as they are now."""
    current = type(login).objects.select_for_update().select_related(None).get(pk=login.pk)
    _copy_salts(current, login)


def _keep_salts(login: "Login", salts: Salts) -> None:
    login.scram_sha_256_salt, login.scram_sha_1_salt = salts.sha_256, salts.sha_1
    login.scram_iterations = salts.iterations
    login.save(update_fields=["scram_sha_256_salt", "scram_sha_1_salt", "scram_iterations"])


def _copy_salts(source: "Login", target: "Login") -> None:
    target.scram_sha_256_salt = source.scram_sha_256_salt
    target.scram_sha_1_salt = source.scram_sha_1_salt
    target.scram_iterations = source.scram_iterations
