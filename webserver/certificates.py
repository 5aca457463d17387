"""The certificates of the edge.

For a name that the configuration has files for, those; else what ACME or the operator has stored for it; else
the server's own. Clients that name no host get what is stored for the server's own name, unless the operator
has named files for it. Once there is a certificate that is not self-made, clients that name a host which is
none of ours are refused (RFC 6066 section 3), and so learn of no name that is.
"""

import logging
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from mail.configuration.certificates import StoredCertificates
from mail.configuration.snapshot import Snapshot
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts
from webserver.configuration.certificate_files import CertificateFiles
from webserver.edge.tls import BrowserTls, Pem, browser_context
from webserver.routing.system import is_served_host
from webserver.routing.values import WebSnapshot

log = logging.getLogger(__name__)

Files = tuple[Path, Path]
"""Of a certificate with its chain, and of its key."""


class EdgeCertificates:
    """Keeps the contexts of the edge in step with files and configuration. Reads files: not for loops."""

    def __init__(
        self,
        certificate_file: Path,
        key_file: Path,
        hostname: str,
        *,
        prefer_files: bool = False,
        http2: bool = False,
    ) -> None:
        """Raises CertificateError, naming the file."""
        self._own_files: Files = (certificate_file, key_file)
        self._hostname = hostname
        self._prefer_files = prefer_files
        self._lock = threading.Lock()
        self._own = _read(self._own_files)
        self._versions: dict[Files, object] = {self._own_files: _version(self._own_files)}
        self._files: Mapping[str, Files] = {}
        self._stored: Mapping[str, Pem] = {}
        self._in_use: tuple[Pem, Mapping[str, Pem]] = (self._own, {})
        self.tls = BrowserTls(self._own, http2=http2)

    def configured(self, snapshot: Snapshot) -> None:
        """Use what this configuration has."""
        stored = snapshot.section(StoredCertificates).by_name
        web = snapshot.section(WebSnapshot)
        with self._lock:
            self._stored = {name: Pem(found.chain, found.private_key) for name, found in stored.items()}
            self._files = snapshot.section(CertificateFiles).by_name
            self._use()
            self.tls.is_known = lambda name: self._is_known(web, name)

    def reload(self) -> None:
        """Read all files again. What can't be used is logged, and for the server's own name stays."""
        with self._lock:
            self._versions.clear()
            is_new = self._read_own()
            self._use()
            self._tell(is_new)

    def reload_if_changed(self) -> None:
        """Read the files again if one has changed."""
        with self._lock:
            watched = [self._own_files, *self._files.values()]
            if all(self._versions.get(files) == _version(files) for files in watched):
                return
            is_new = self._versions.get(self._own_files) != _version(self._own_files) and self._read_own()
            self._use()
            self._tell(is_new)

    def _is_known(self, web: WebSnapshot, name: str) -> bool:
        """Whether a host that has no certificate of its own is to be answered."""
        own, by_name = self._in_use
        return (not by_name and not self._prefer_files) or is_served_host(web, name) or _is_for(own, name)

    def _tell(self, is_new: bool) -> None:
        if is_new:
            log.info("certificate reloaded", extra={"fields": {"file": str(self._own_files[0])}})

    def _read_own(self) -> bool:
        """Read the server's own certificate; whether it can be used."""
        self._versions[self._own_files] = _version(self._own_files)
        try:
            own = _read(self._own_files)
            browser_context(own)
        except CertificateError as error:
            log.error("certificate not reloaded", extra={"fields": {"reason": str(error)}})
            return False
        self._own = own
        return True

    def _use(self) -> None:
        by_name = dict(self._stored)
        for name, files in self._files.items():
            try:
                pem = _read(files)
                browser_context(pem)
            except CertificateError as error:
                fields = {"name": name, "file": str(files[0]), "reason": str(error)}
                log.error("a certificate can't be used", extra={"fields": fields})
            else:
                by_name[name] = pem
            self._versions[files] = _version(files)
        own = None if self._prefer_files else by_name.get(self._hostname)
        wanted = (own or self._own, by_name)
        if wanted != self._in_use:
            self._in_use = wanted
            self.tls.use(*wanted)


def _read(files: Files) -> Pem:
    content = []
    for path in files:
        try:
            content.append(path.read_bytes())
        except OSError as error:
            raise CertificateError(f"{path}: {error.strerror}") from error
    return Pem(*content)


@lru_cache(maxsize=8)
def _names(chain: bytes) -> frozenset[str]:
    return frozenset(read_facts(chain).names)


def _is_for(pem: Pem, name: str) -> bool:
    return not _names(pem.chain).isdisjoint((name, "*." + name.partition(".")[2]))


def _version(files: Files) -> object:
    found = []
    for path in files:
        try:
            status = path.stat()
        except OSError:
            found.append((0, 0, 0))
        else:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)
