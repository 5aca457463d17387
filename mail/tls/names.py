"""Whether a certificate is for the server that was asked for (RFC 9525)."""

import ipaddress

import idna
from cryptography import x509


def is_ip_address(server_name: str) -> bool:
    """Whether the name is an IPv4 or IPv6 address rather than a host name."""
    try:
        ipaddress.ip_address(server_name)
    except ValueError:
        return False
    return True


def host_name(server_name: str) -> str:
    """The name as certificates spell it: lower case A-labels, no dot at the end.

    Raises ValueError for what is no host name.
    """
    name = server_name.rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"{server_name!r} is not a host name: {error}") from error


def certificate_names(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses in the subject alternative name. A common name counts for nothing."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    hosts = [name.rstrip(".").lower() for name in names.get_values_for_type(x509.DNSName)]
    return hosts + [str(address) for address in names.get_values_for_type(x509.IPAddress)]


def is_for(certificate: x509.Certificate, server_name: str) -> bool:
    """Whether the certificate names the server, a host name or an IP address.

    A wildcard stands for exactly one label, the first one, and only as the whole label.
    """
    names = certificate_names(certificate)
    if is_ip_address(server_name):
        return str(ipaddress.ip_address(server_name)) in names
    wanted = host_name(server_name)
    if wanted in names:
        return True
    _, dot, parent = wanted.partition(".")
    return bool(dot) and "." in parent and f"*.{parent}" in names
