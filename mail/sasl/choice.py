"""Which SASL mechanism a client uses, and the mechanisms by name."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from mail.sasl import cram_md5, login, plain
from mail.sasl.cram_md5 import CramMd5Claim, CramMd5Client, CramMd5Server
from mail.sasl.exchange import PasswordClaim, ServerExchange
from mail.sasl.login import LoginClient, LoginServer
from mail.sasl.mechanism import Mechanism, SaslError
from mail.sasl.plain import PlainClient, PlainServer

CLEAR_TEXT: Final = frozenset({plain.NAME, login.NAME})
"""Mechanisms that show the password to the server and to whoever listens."""

_CLIENTS: Final[dict[str, Callable[[str, str], Mechanism]]] = {
    cram_md5.NAME: CramMd5Client,
    plain.NAME: PlainClient,
    login.NAME: LoginClient,
}

CLIENT_MECHANISMS: Final = tuple(_CLIENTS)
"""Everything a client can use, strongest first: the order of preference when none is configured."""

KNOWN_MECHANISMS: Final = (
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-1",
    *CLIENT_MECHANISMS,
)
"""Every name that may be configured. Those that are not among CLIENT_MECHANISMS are passed over."""


class NoMechanism(SaslError):
    """The server offers no mechanism that may be used."""


def choose_mechanism(configured: Sequence[str], offered: Collection[str], *, tls: bool) -> str:
    """The first of the configured mechanisms that the server offers; upper and lower case are equal.

    Nothing configured means CLIENT_MECHANISMS. PLAIN and LOGIN are then left out without TLS; naming them
    allows them. A -PLUS mechanism binds to TLS and is left out without it. Raises NoMechanism, whose
    message names what was offered.
    """
    available = {name.upper() for name in offered}
    for name in (name.upper() for name in configured or CLIENT_MECHANISMS):
        needs_tls = name.endswith("-PLUS") or (name in CLEAR_TEXT and not configured)
        if name in available and name in _CLIENTS and (tls or not needs_tls):
            return name
    wanted = ", ".join(configured) or ", ".join(CLIENT_MECHANISMS)
    raise NoMechanism(
        f"no usable authentication mechanism {'with' if tls else 'without'} TLS: "
        f"the server offers {', '.join(offered) or 'none'}; wanted was {wanted}"
    )


def client_mechanism(name: str, username: str, password: str) -> Mechanism:
    """The client side of the mechanism that `choose_mechanism` chose. Raises SaslError."""
    return _CLIENTS[name](username, password)


def server_exchange(name: str, hostname: str) -> ServerExchange[PasswordClaim | CramMd5Claim] | None:
    """The server side of the mechanism, None for an unknown one. Which of them are allowed is not asked.

    `hostname` is the name of this server, for challenges.
    """
    match name.upper():
        case plain.NAME:
            return PlainServer()
        case login.NAME:
            return LoginServer()
        case cram_md5.NAME:
            return CramMd5Server(hostname)
    return None
