"""Listening sockets handed from the supervisor to a role.

MOXSITE_SOCKETS holds a JSON object: name of the service to a list of open file descriptors, such as
{"smtp": [5, 6], "submission": [7, 8]}.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence

from mail.ip_address import IPAddress
from mail.process.listening import Sockets, open_listening_sockets

SOCKETS_VARIABLE = "MOXSITE_SOCKETS"


class WrongSockets(SystemExit):
    """MOXSITE_SOCKETS names descriptors that are no listening sockets. Ends the program with a message."""


def describe_sockets(sockets: Mapping[str, Sequence[socket.socket]]) -> str:
    """The value of MOXSITE_SOCKETS for a process that inherits these sockets under the same numbers."""
    return json.dumps({name: [listener.fileno() for listener in group] for name, group in sockets.items()})


def service_sockets(services: Sequence[str], configured: Sequence[IPAddress], port_offset: int) -> Sockets:
    """The sockets of a role: those inherited from the supervisor, else newly opened ones.

    To be called once in a process. Raises CannotListen and WrongSockets.
    """
    inherited = take_inherited_sockets()
    if inherited is None:
        return open_listening_sockets(services, configured, port_offset)
    return {service: inherited.get(service, []) for service in services}


def take_inherited_sockets() -> Sockets | None:
    """The inherited sockets, not blocking and not passed on to further programs; None when there are none.

    The variable is removed from the environment: its numbers mean nothing to further programs.
    Raises WrongSockets.
    """
    value = os.environ.pop(SOCKETS_VARIABLE, None)
    if value is None:
        return None
    try:
        return {
            name: [_adopt(int(descriptor)) for descriptor in group]
            for name, group in json.loads(value).items()
        }
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise WrongSockets(
            f"{SOCKETS_VARIABLE}={value!r} in the environment names no open listening sockets ({error}). "
            "It is set by the supervisor; remove it to start a role alone."
        ) from None


def _adopt(descriptor: int) -> socket.socket:
    listener = socket.socket(fileno=descriptor)
    if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        listener.detach()
        raise ValueError(f"{descriptor} does not listen")
    listener.setblocking(False)
    listener.set_inheritable(False)
    return listener
