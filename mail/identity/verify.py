"""Checking a user name and password that a mail program sent."""

from dataclasses import dataclass

from mail import clock
from mail.errors import MailError
from mail.identity.finding import find_login
from mail.identity.passwords import matching_credential, spend_as_if_checking
from mail.identity.usage import PRECISION, NoteUse
from mail.models import Account, Credential, Login
from mail.store.writer import writer

_DEFAULT_REASON = "this login is disabled"


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """Who has logged in, to which account, and with which of the passwords (the main one has no label)."""

    login_name: str
    account_id: int
    account_name: str
    credential_id: int
    credential_label: str


def verify_password(username: str, password: str) -> VerifiedLogin | None:
    """Who this is; None for an unknown user name, a wrong password, or a login without an account.

    `username` is the name of the login or any address of its account. Takes milliseconds of processor time,
    the same whether the user name exists, and reads the database: not for event loops. Raises MailError
    (525 5.7.13, RFC 5248) when the password is right and the login is disabled.
    """
    login = find_login(username)
    if login is None:
        spend_as_if_checking(username, password)
        return None
    credential = matching_credential(login, password)
    if credential is None or login.account is None:
        return None
    return admit(login, login.account, credential)


def admit(login: Login, account: Account, credential: Credential) -> VerifiedLogin:
    """Whoever has proved to know this password, unless nobody may log in. Raises MailError (525 5.7.13)."""
    refuse_disabled(login, account)
    record_use(credential)
    return VerifiedLogin(login.name, account.pk, account.name, credential.pk, credential.label)


def refuse_disabled(login: Login, account: Account) -> None:
    """Raises MailError with the reason if nobody may log in with this login now."""
    if not login.is_active or account.login_disabled:
        reason = account.login_disabled.encode("ascii", "replace").decode("ascii")
        raise MailError(525, "5.7.13", reason or _DEFAULT_REASON, cause="login disabled")


def record_use(credential: Credential) -> None:
    """Let it be written when the password was last used; nobody waits for that."""
    now = clock.now()
    if credential.last_used is None or now - credential.last_used >= PRECISION:
        writer().submit(NoteUse(credential.pk, now))
