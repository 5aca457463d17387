"""Which SASL mechanism a client uses, and the mechanisms by name."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from mail.sasl import cram_md5, login, plain, scram_messages
from mail.sasl.binding import ChannelBinding
from mail.sasl.cram_md5 import CramMd5Client
from mail.sasl.login import LoginClient
from mail.sasl.mechanism import Mechanism, SaslError
from mail.sasl.plain import PlainClient
from mail.sasl.scram_client import ScramClient

CLEAR_TEXT: Final = frozenset({plain.NAME, login.NAME})
"""Mechanisms that show the password to the server and to whoever listens."""

_OTHERS: Final[dict[str, Callable[[str, str], Mechanism]]] = {
    cram_md5.NAME: CramMd5Client,
    plain.NAME: PlainClient,
    login.NAME: LoginClient,
}

CLIENT_MECHANISMS: Final = (*scram_messages.NAMES, *_OTHERS)
"""Everything a client can use, strongest first: the order of preference when none is configured."""

KNOWN_MECHANISMS: Final = CLIENT_MECHANISMS
"""Every name that may be configured."""


class NoMechanism(SaslError):
    """The server offers no mechanism that may be used."""


def choose_mechanism(
    configured: Sequence[str], offered: Collection[str], *, tls: bool, binding: bool = False
) -> str:
    """The first of the configured mechanisms that the server offers; upper and lower case are equal.

    Nothing configured means CLIENT_MECHANISMS. PLAIN and LOGIN are then left out without TLS; naming them
    allows them. A -PLUS mechanism binds to TLS and is left out where `binding` says that there is nothing to
    bind to. Raises NoMechanism, whose message names what was offered and what was allowed.
    """
    available = {name.upper() for name in offered}
    allowed = [name for name in _preference(configured) if _possible(name, configured, tls, binding)]
    for name in allowed:
        if name in available:
            return name
    raise NoMechanism(
        f"no usable authentication mechanism {'with' if tls else 'without'} TLS: "
        f"the server offers {', '.join(offered) or 'none'}; allowed here are {', '.join(allowed) or 'none'}"
    )


def begin_client(
    configured: Sequence[str],
    offered: Collection[str],
    username: str,
    password: str,
    *,
    tls: bool,
    binding: ChannelBinding | None,
) -> Mechanism:
    """The client side of the mechanism that `choose_mechanism` chooses.

    A SCRAM mechanism that was taken because a -PLUS form preferred to it was not offered tells the server
    so. Raises SaslError.
    """
    name = choose_mechanism(configured, offered, tls=tls, binding=binding is not None)
    preference = _preference(configured)
    missed = any(map(scram_messages.is_plus, preference[: preference.index(name)]))
    return client_mechanism(name, username, password, binding=binding, binding_missed=missed)


def client_mechanism(
    name: str,
    username: str,
    password: str,
    *,
    binding: ChannelBinding | None = None,
    binding_missed: bool = False,
) -> Mechanism:
    """The client side of the mechanism of this name, one of CLIENT_MECHANISMS. Raises SaslError.

    `binding` is the connection's, None without one. `binding_missed`: a -PLUS mechanism would have been
    preferred and was not offered; it counts only where there is a binding.
    """
    if name in _OTHERS:
        return _OTHERS[name](username, password)
    missed = binding_missed and binding is not None
    return ScramClient(name, username, password, binding=binding, binding_missed=missed)


def _preference(configured: Sequence[str]) -> list[str]:
    names = [name.upper() for name in configured] or CLIENT_MECHANISMS
    return [name for name in names if name in CLIENT_MECHANISMS]


def _possible(name: str, configured: Sequence[str], tls: bool, binding: bool) -> bool:
    """Whether the state of the connection allows the mechanism."""
    if scram_messages.is_plus(name):
        return tls and binding
    return tls or bool(configured) or name not in CLEAR_TEXT
