"""Judging the certificate that a server shows, while the handshake runs."""

from dataclasses import dataclass

from cryptography import x509
from OpenSSL import SSL, crypto

from mail.tls import names


def _error_texts() -> dict[int, str]:
    codes = SSL.X509VerificationCodes
    return {
        number: name.removeprefix("ERR_").lower().replace("_", " ")
        for name, number in vars(codes).items()
        if name.startswith("ERR_")
    }


_ERROR_TEXTS = _error_texts()


@dataclass(slots=True)
class Verification:
    """What one connection expects of the peer's certificate, and what came out.

    `error` is the first thing found wrong, empty while nothing is. With `required` it ends the handshake;
    without, it is only noted, for connections that prefer unverified TLS to none (RFC 7435).
    """

    server_name: str
    required: bool
    error: str = ""

    def note(self, certificate: crypto.X509, error_number: int, depth: int, accepted: bool) -> bool:
        """Take the verdict on one certificate of the chain; the peer's own has depth 0 and comes last."""
        if not accepted:
            self._found(_ERROR_TEXTS.get(error_number, f"verification error {error_number}"))
        elif depth == 0 and self.server_name:
            self._check_name(certificate.to_cryptography())
        return not (self.required and self.error)

    def _check_name(self, certificate: x509.Certificate) -> None:
        if not names.is_for(certificate, self.server_name):
            shown = ", ".join(names.certificate_names(certificate)[:5]) or "no names"
            self._found(f"certificate is not for {self.server_name} but for {shown}")

    def _found(self, error: str) -> None:
        self.error = self.error or error


def judge(
    connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, accepted: int
) -> bool:
    """The verification callback of client contexts."""
    verification = connection.get_app_data()
    if not isinstance(verification, Verification):
        return bool(accepted)
    return verification.note(certificate, error, depth, bool(accepted))
