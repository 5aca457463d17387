"""Whom the client trusts, and what it demands of a server's TLS."""

import os
from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """`verify`: whether a certificate that is not trusted ends the connection."""

    mode: TlsMode
    verify: bool
