"""What the sender of a submitted message demands of TLS on its way (RFC 8689)."""

from delivery.models import TlsDemand
from mail.mime.headers import HeaderBlock

_FIELD = "tls-required"


def tls_demand(require_tls: bool, header: HeaderBlock) -> str:
    """The demand as the queue keeps it: the parameter REQUIRETLS, or the header field TLS-Required: No.

    The parameter counts more (RFC 8689 section 4.1). A field with another value, or more than one, means
    nothing.
    """
    if require_tls:
        return TlsDemand.REQUIRED.value
    if _FIELD in header and [value.strip().lower() for value in header.get_all(_FIELD)] == [b"no"]:
        return TlsDemand.OPTIONAL.value
    return TlsDemand.NONE.value
