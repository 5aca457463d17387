"""What a snapshot holds of the ways to log in."""

from dataclasses import dataclass

from mail.configuration.snapshot import register_section
from mail.models import Account
from mail.sasl import cram_md5
from mail.sasl.offer import SERVER_MECHANISMS


@dataclass(frozen=True, slots=True)
class LoginMechanisms:
    """The SASL mechanisms that at least one account allows."""

    names: frozenset[str]


def compile_mechanisms() -> LoginMechanisms:
    """All of them; CRAM-MD5, whose stored secret is as good as the password, only where it is enabled."""
    used = Account.objects.filter(cram_md5=True).exists()
    return LoginMechanisms(frozenset(SERVER_MECHANISMS) - (frozenset() if used else {cram_md5.NAME}))


def register() -> None:
    """Let snapshots have this section."""
    register_section(LoginMechanisms, compile_mechanisms)
