"""The certificates of the edge: the server's own, those of the configuration, those of ACME.

Config files name files; ACME and operators store rows. The server's own is for names that none of them has.
"""

import logging
import threading
from pathlib import Path

from mail.configuration.certificates import StoredCertificates
from mail.configuration.snapshot import Snapshot
from mail.tls.errors import CertificateError
from webserver.edge.tls import BrowserTls, Pem

log = logging.getLogger(__name__)


class EdgeCertificates:
    """Keeps the contexts of the edge in step with files and configuration. Reads files: not for loops."""

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        """Raises CertificateError, naming the file."""
        self._files = (certificate_file, key_file)
        self._default = _read(*self._files)
        self._stored: dict[str, Pem] = {}
        self._lock = threading.Lock()
        self.tls = BrowserTls(self._default)

    def configured(self, snapshot: Snapshot) -> None:
        """Use what this configuration has."""
        stored = snapshot.section(StoredCertificates).by_name
        with self._lock:
            by_name = {name: Pem(found.chain, found.private_key) for name, found in stored.items()}
            if by_name != self._stored:
                self._stored = by_name
                self.tls.use(self._default, by_name)

    def reload(self) -> None:
        """Read the files again. What can't be used is logged, and the certificate in use stays."""
        with self._lock:
            try:
                default = _read(*self._files)
                self.tls.use(default, self._stored)
            except CertificateError as error:
                log.error("certificate not reloaded", extra={"fields": {"reason": str(error)}})
            else:
                self._default = default
                log.info("certificate reloaded", extra={"fields": {"file": str(self._files[0])}})


def _read(certificate_file: Path, key_file: Path) -> Pem:
    content = []
    for path in (certificate_file, key_file):
        try:
            content.append(path.read_bytes())
        except OSError as error:
            raise CertificateError(f"{path}: {error.strerror}") from error
    return Pem(*content)
