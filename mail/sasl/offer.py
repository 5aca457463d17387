"""Which SASL mechanisms a server offers, and their server sides by name."""

from collections.abc import Collection
from typing import Final, TypeAlias

from mail.sasl import cram_md5, login, plain, scram_messages
from mail.sasl.binding import ChannelBinding
from mail.sasl.cram_md5 import CramMd5Claim, CramMd5Server
from mail.sasl.exchange import PasswordClaim, ServerExchange
from mail.sasl.login import LoginServer
from mail.sasl.plain import PlainServer
from mail.sasl.scram_server import ScramClaim, ScramServer

Claim: TypeAlias = PasswordClaim | CramMd5Claim | ScramClaim
"""What an exchange may end with."""

SERVER_MECHANISMS: Final = (*scram_messages.NAMES, cram_md5.NAME, plain.NAME, login.NAME)
"""All server sides, strongest first."""


def offered_mechanisms(possible: Collection[str], binding: ChannelBinding | None) -> list[str]:
    """Those of `possible` that can be offered on a connection with this binding, strongest first.

    To be called only where passwords may be seen, which is under TLS.
    """
    return [
        name
        for name in SERVER_MECHANISMS
        if name in possible and (binding is not None or not scram_messages.is_plus(name))
    ]


def server_exchange(name: str, hostname: str, binding: ChannelBinding | None) -> ServerExchange[Claim]:
    """The server side of a mechanism, one of SERVER_MECHANISMS.

    `hostname` is the name of this server, for challenges; `binding` is the connection's, None without one.
    """
    match name:
        case plain.NAME:
            return PlainServer()
        case login.NAME:
            return LoginServer()
        case cram_md5.NAME:
            return CramMd5Server(hostname)
    return ScramServer(name, binding)
