"""The second factor of a login: setting it up, asking for it, taking it away."""

import logging
import re
from typing import Final

from django.conf import settings
from django.db import transaction

from mail import clock
from mail.configuration.sealed import installation_seal
from mail.models import Login
from mail.secrets import SealBroken
from moxsite.models import RecoveryCode, SecondFactor
from moxsite.second_factor import recovery, totp
from moxsite.second_factor.other_sessions import end_sessions

log = logging.getLogger(__name__)

_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")


def factor_of(login: Login) -> SecondFactor | None:
    """The factor that is asked for when the login logs in."""
    return SecondFactor.objects.filter(login=login, confirmed__isnull=False).first()


def is_required(login: Login) -> bool:
    """Whether the login must have a factor before it may use the admin pages."""
    return login.is_staff and settings.MOXSITE_ADMIN_TWO_FACTOR == "required"


def begun_factor(login: Login) -> SecondFactor | None:
    """One that is set up and not confirmed yet."""
    return SecondFactor.objects.filter(login=login, confirmed=None).first()


def secret_of(factor: SecondFactor) -> bytes:
    """The secret that the app shares. Raises mail.secrets.SealBroken."""
    return installation_seal().open(bytes(factor.secret_sealed), _context(factor.login_id))


@transaction.atomic
def begin(login: Login) -> SecondFactor:
    """Draw a secret. It counts once it is confirmed. For a login that has no factor in force."""
    SecondFactor.objects.filter(login=login, confirmed=None).delete()
    sealed = installation_seal().seal(totp.new_secret(), _context(login.pk))
    return SecondFactor.objects.create(login=login, secret_sealed=sealed, created=clock.now())


@transaction.atomic
def confirm(factor: SecondFactor, code: str, *, keep_session: str | None = None) -> list[str] | None:
    """Put it in force if the code is right. Gives recovery codes, to be shown once; None for a wrong code.

    Sessions that a password alone has opened end, but the one with the key `keep_session`.
    """
    step = totp.matching_step(secret_of(factor), _plain(code), clock.now())
    if step is None:
        return None
    factor.confirmed, factor.last_step = clock.now(), step
    factor.save()
    end_sessions(factor.login, keep=keep_session)
    return renew_recovery_codes(factor)


@transaction.atomic
def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    factor.recovery_codes.all().delete()
    codes = recovery.new_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, digest=recovery.digest(code, factor.login_id)) for code in codes
    )
    return codes


def recovery_codes_left(factor: SecondFactor) -> int:
    """How many were not used yet."""
    return factor.recovery_codes.filter(used=None).count()


def check(factor: SecondFactor, text: str) -> bool:
    """Whether this is a code of the app or a recovery code; it is used up then."""
    code = _plain(text)
    if _SIX_DIGITS.fullmatch(code):
        step = _step(factor, code)
        fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
        return step is not None and fresh.update(last_step=step) == 1
    unused = factor.recovery_codes.filter(digest=recovery.digest(text, factor.login_id), used=None)
    return unused.update(used=clock.now()) == 1


@transaction.atomic
def turn_off(login: Login, *, keep_session: str | None = None) -> bool:
    """Take the factor away, with its recovery codes. Whether there was one.

    If so, the sessions of the login end, but the one with the key `keep_session`.
    """
    found = SecondFactor.objects.filter(login=login)
    there = found.filter(confirmed__isnull=False).exists()
    found.delete()
    if there:
        end_sessions(login, keep=keep_session)
    return there


def _step(factor: SecondFactor, code: str) -> int | None:
    try:
        return totp.matching_step(secret_of(factor), code, clock.now())
    except SealBroken as error:
        fields = {"login": factor.login.name, "reason": str(error)}
        log.error("a second factor can't be read; manage.py twofactor turns it off", extra={"fields": fields})
        return None


def _plain(text: str) -> str:
    return "".join(text.split())


def _context(login_id: int) -> str:
    return f"second factor of login {login_id}"
