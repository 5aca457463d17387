"""The certificates that SMTP shows: that of the files, and those in the database."""

import logging
from pathlib import Path

from mail.configuration.certificates import StoredCertificate, StoredCertificates
from mail.configuration.snapshot import Snapshot
from mail.tls.certificates import ServerCertificates
from mail.tls.context import ServerContext, server_context
from mail.tls.errors import CertificateError

log = logging.getLogger(__name__)


class ServedCertificates:
    """Connections take `context` when they start; clients that name a host (SNI) get the one for that name.

    Clients that name none get the one for `hostname` if the database has it, else that of the files. With
    `prefer_files`, because an operator has named them, they get that of the files always.
    """

    def __init__(
        self, certificate_file: Path, key_file: Path, hostname: str, *, prefer_files: bool = False
    ) -> None:
        """Read the files. Raises CertificateError, naming the file."""
        self._files = ServerCertificates.load(certificate_file, key_file, choose=self._choose)
        self._hostname = hostname
        self._prefer_files = prefer_files
        self._made: dict[StoredCertificate, ServerContext] = {}
        self._by_name: dict[str, ServerContext] = {}

    @property
    def context(self) -> ServerContext:
        """The one for new connections."""
        own = None if self._prefer_files else self._by_name.get(self._hostname)
        return own or self._files.context

    def configured(self, snapshot: Snapshot) -> None:
        """Show what this configuration has, from now on."""
        made: dict[StoredCertificate, ServerContext] = {}
        by_name: dict[str, ServerContext] = {}
        for name, stored in snapshot.section(StoredCertificates).by_name.items():
            context = made.get(stored) or self._made.get(stored) or self._context(name, stored)
            if context is not None:
                made[stored] = by_name[name] = context
        self._made, self._by_name = made, by_name

    def reload_if_changed(self) -> bool:
        """Read the files anew if they have changed; whether they have. Reads files: call it on a thread."""
        return self._files.reload_if_changed()

    def _choose(self, name: str) -> ServerContext | None:
        by_name = self._by_name
        return by_name.get(name) or by_name.get("*." + name.partition(".")[2])

    def _context(self, name: str, stored: StoredCertificate) -> ServerContext | None:
        try:
            return server_context(stored.chain, stored.private_key, choose=self._choose)
        except CertificateError as error:
            fields = {"name": name, "reason": str(error)}
            log.error("a certificate can't be used", extra={"fields": fields})
            return None
