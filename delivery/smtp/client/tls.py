"""Whom the client trusts, and what it demands of a server's TLS."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from mail.tls.context import ClientContext, client_context


@dataclass(frozen=True, slots=True)
class Trust:
    """The contexts of all client connections: one refuses certificates that don't verify, one only notes it.

    Make it with `load_trust` once and keep it: reading the authorities takes tens of milliseconds.
    """

    verifying: ClientContext
    accepting: ClientContext


def load_trust(ca_file: str | os.PathLike[str] | None = None) -> Trust:
    """Trust in the system's authorities and those in `ca_file`. Reads files: not for an event loop.

    Raises mail.tls.errors.CertificateError when `ca_file` can't be read.
    """
    return Trust(
        verifying=client_context(verify=True, ca_file=ca_file),
        accepting=client_context(verify=False, ca_file=ca_file),
    )


class TlsMode(StrEnum):
    """When TLS begins."""

    IMMEDIATE = "immediate"
    """From the first byte (RFC 8314 section 3)."""
    REQUIRED = "requiredstarttls"
    """STARTTLS is sent even when it is not announced, and nothing else is said if it fails."""
    OPPORTUNISTIC = "opportunistic"
    """STARTTLS when it is announced (RFC 7435). A failure raises; the caller decides about clear text."""
    NONE = "skip"


Vouch = Callable[[Sequence[x509.Certificate]], str]
"""Another judgement than that of the authorities, on the certificates that a server showed, its own first.

It says what is wrong, which ends the connection; nothing is wrong when that is empty.
"""


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """What a connection demands.

    `verify`: whether a certificate that no authority vouches for ends the connection. `vouch`: who has a
    word in it besides or instead of the authorities. `indicated_name` is told to the server in place of its
    host name. `name` is what the policy is called in the timeline.
    """

    mode: TlsMode
    verify: bool
    name: str = ""
    vouch: Vouch | None = None
    indicated_name: str = ""

    @property
    def label(self) -> str:
        """The name, or what the policy amounts to."""
        if self.name:
            return self.name
        match self.mode:
            case TlsMode.NONE:
                return "none"
            case TlsMode.OPPORTUNISTIC:
                return "opportunistic"
            case _:
                return "required" if self.verify else "unverified"
