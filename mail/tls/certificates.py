"""The server's certificate: making one of our own, and exchanging it while connections are open."""

import datetime
import ipaddress
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mail import clock
from mail.tls.context import ChooseContext, ServerContext, server_context
from mail.tls.errors import CertificateError
from mail.tls.names import host_name, is_ip_address

log = logging.getLogger(__name__)

_VALIDITY = datetime.timedelta(days=3653)
_CLOCK_DIFFERENCE = datetime.timedelta(hours=1)
_LONGEST_COMMON_NAME = 64


def make_certificate(names: Sequence[str]) -> tuple[bytes, bytes]:
    """A self-signed certificate for host names and IP addresses, and its P-256 key, both as PEM.

    It is valid for ten years from an hour ago, because clocks differ.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    hosts = [name if is_ip_address(name) else host_name(name) for name in names]
    # The name is shown in dialogs only; longer ones are not allowed there (RFC 5280 appendix A.1).
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:_LONGEST_COMMON_NAME])])
    now = clock.as_datetime(clock.now())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_DIFFERENCE)
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key_pem


def write_certificate(certificate_file: Path, key_file: Path, names: Sequence[str]) -> None:
    """Make a certificate and write it and its key, readable by the owner only.

    Each file appears whole or not at all. The key is written first: a crash in between leaves a pair that
    doesn't match, which `ServerCertificates` refuses by name.
    """
    certificate_pem, key_pem = make_certificate(names)
    _write_whole(key_file, key_pem)
    _write_whole(certificate_file, certificate_pem)


class ServerCertificates:
    """The certificate in use. Connections take `context` when they start and keep it when it changes."""

    def __init__(self, certificate_file: Path, key_file: Path, choose: ChooseContext | None = None) -> None:
        self._certificate_file = certificate_file
        self._key_file = key_file
        self._choose = choose
        self._versions = self._file_versions()
        self.context = self._read()
        """The context for new connections."""

    @classmethod
    def load(cls, certificate_file: Path, key_file: Path, *, choose: ChooseContext | None = None) -> Self:
        """Read the files. `choose` may answer other server names with other contexts.

        Raises CertificateError, naming the file.
        """
        return cls(certificate_file, key_file, choose)

    def reload_if_changed(self) -> bool:
        """Read the files anew if one of them has changed; whether new connections get another certificate.

        Reads files: call it on a thread. What can't be used is logged once and the certificate in use stays.
        """
        try:
            versions = self._file_versions()
            if versions == self._versions:
                return False
            self._versions = versions
            self.context = self._read()
        except CertificateError as error:
            log.warning("certificate not reloaded", extra={"fields": {"reason": str(error)}})
            return False
        log.info("certificate reloaded", extra={"fields": {"file": str(self._certificate_file)}})
        return True

    def _read(self) -> ServerContext:
        certificate_pem, key_pem = _read_file(self._certificate_file), _read_file(self._key_file)
        try:
            return server_context(certificate_pem, key_pem, choose=self._choose)
        except CertificateError as error:
            raise CertificateError(f"{self._certificate_file}, {self._key_file}: {error}") from error

    def _file_versions(self) -> "tuple[_FileVersion, _FileVersion]":
        return _FileVersion.of(self._certificate_file), _FileVersion.of(self._key_file)


@dataclass(frozen=True, slots=True)
class _FileVersion:
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            status = path.stat()
        except OSError as error:
            raise CertificateError(f"{path}: {error.strerror}") from error
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror}") from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary file beside and rename it; `mkstemp` makes it readable by the owner only."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _general_name(host: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(host)) if is_ip_address(host) else x509.DNSName(host)
