"""A certificate authority of the tests' own, trusted by whoever is given its file."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Makes certificates for servers; `ca_file` is what a client must trust."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.ca_file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def server(self, *names: str) -> ssl.SSLContext:
        """A server context of the standard library with a certificate for `names`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        return context

    def files(self, *names: str) -> tuple[Path, Path]:
        """Certificate and key for `names` as PEM files."""
        issued = self._authority.issue_cert(*names)
        certificate, key = self._folder / f"{names[0]}.pem", self._folder / f"{names[0]}.key"
        for index, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(certificate, append=index > 0)
        issued.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        return certificate, key
