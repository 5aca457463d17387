"""What can go wrong with TLS."""


class TlsError(ConnectionError):
    """The handshake or the connection failed.

    The text names the reason: an alert that the peer sent, what is wrong with its certificate, or the
    protocol error. It holds nothing secret and may go into a reply, a log or a delivery report.
    """


class CertificateError(Exception):
    """A certificate or private key of our own can't be used; the text says why and names the file."""
