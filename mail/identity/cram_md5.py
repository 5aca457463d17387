"""Checking logins by CRAM-MD5, which only accounts that enable it can use."""

from mail.configuration.sealed import installation_seal
from mail.errors import MailError
from mail.identity.finding import find_login
from mail.identity.passwords import cram_md5_context
from mail.identity.verify import VerifiedLogin, admit
from mail.models import Login
from mail.sasl.cram_md5 import CramMd5Claim, CramMd5Verifier, decode_cram_md5_verifier

REFUSED = "wrong user name or password, or an account that does not allow CRAM-MD5"
"""The same for all of them, so that nobody learns which accounts exist and which allow it."""


_NOBODY = CramMd5Verifier(bytes(16), bytes(16))


class NotEnabled(MailError):
    """The login can't be used with CRAM-MD5. Nothing is said about the password: this was no guess."""

    def __init__(self) -> None:
        super().__init__(535, "5.7.8", REFUSED, cause="CRAM-MD5 is not enabled")


def verify_cram_md5(claim: CramMd5Claim) -> VerifiedLogin | None:
    """Who this is; None when the digest was made with none of the login's passwords.

    Reads the database and computes for milliseconds: not for event loops. Raises NotEnabled for an unknown
    user name, an account that does not allow CRAM-MD5, and passwords that were set before it did; MailError
    (525 5.7.13) when the digest is right and the login is disabled.
    """
    login = find_login(claim.username)
    allowed = login is not None and login.account is not None and login.account.cram_md5
    credentials = list(login.credentials.exclude(cram_md5_sealed=b"")) if login and allowed else []
    if login is None or login.account is None or not credentials:
        _NOBODY.matches(claim.challenge, claim.digest)  # takes as long as a check
        raise NotEnabled
    found = None
    for credential in credentials:
        if _open(login, bytes(credential.cram_md5_sealed)).matches(claim.challenge, claim.digest):
            found = credential
    return admit(login, login.account, found) if found is not None else None


def _open(login: Login, sealed: bytes) -> CramMd5Verifier:
    return decode_cram_md5_verifier(installation_seal().open(sealed, cram_md5_context(login)))
