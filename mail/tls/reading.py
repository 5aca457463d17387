"""What a certificate says of itself."""

from dataclasses import dataclass

from cryptography import x509

from mail import clock
from mail.tls.errors import CertificateError


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The DNS names in lower case, and from when until when (moments) it is valid."""

    names: tuple[str, ...]
    not_before: clock.Moment
    not_after: clock.Moment


def read_facts(chain_pem: bytes) -> CertificateFacts:
    """The facts of the first certificate of a chain. Raises CertificateError."""
    try:
        first = x509.load_pem_x509_certificates(chain_pem)[0]
        names = _names(first)
    except ValueError as error:
        raise CertificateError("no certificate in PEM form can be read") from error
    return CertificateFacts(
        names, clock.from_datetime(first.not_valid_before_utc), clock.from_datetime(first.not_valid_after_utc)
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Those that clients compare with (RFC 9525 section 6.3); the common name is none of them."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in extension.value.get_values_for_type(x509.DNSName))
