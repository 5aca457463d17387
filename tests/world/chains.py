"""Certificates of a private hierarchy: an anchor, an authority below it, and servers."""

import hashlib
import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mail.dns.answers import TlsaRecord


class Chain:
    """Leaf, authority and anchor for a server, and contexts that show all or some of them."""

    def __init__(self, folder: Path, *names: str) -> None:
        anchor = trustme.CA()
        authority = anchor.create_child_ca()
        self._issued = authority.issue_cert(*names)
        self._folder = folder
        pems = [*self._issued.cert_chain_pems, anchor.cert_pem]
        self.certificates = [x509.load_pem_x509_certificate(pem.bytes()) for pem in pems]

    @property
    def leaf(self) -> x509.Certificate:
        """The server's own certificate."""
        return self.certificates[0]

    @property
    def authority(self) -> x509.Certificate:
        """Who has signed it."""
        return self.certificates[1]

    @property
    def anchor(self) -> x509.Certificate:
        """Who has signed that, and itself."""
        return self.certificates[2]

    def server(self, shown: int = 3) -> ssl.SSLContext:
        """A server that shows the first certificates of the chain."""
        path = self._folder / f"chain-{id(self)}-{shown}.pem"
        shown_pems = [each.public_bytes(Encoding.PEM) for each in self.certificates[:shown]]
        path.write_bytes(self._issued.private_key_pem.bytes() + b"".join(shown_pems))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def tlsa(certificate: x509.Certificate, usage: int, selector: int = 1, matching_type: int = 1) -> TlsaRecord:
    """The record that is about a certificate."""
    data = certificate.public_bytes(Encoding.DER)
    if selector == 1:
        data = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digests = {0: lambda: data, 1: hashlib.sha256(data).digest, 2: hashlib.sha512(data).digest}
    return TlsaRecord(usage, selector, matching_type, digests[matching_type]())


def zone_form(record: TlsaRecord) -> str:
    """As zone files have it."""
    return f"{record.usage} {record.selector} {record.matching_type} {record.data.hex()}"
