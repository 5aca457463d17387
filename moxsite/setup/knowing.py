"""What is known of this installation, gathered for a domain from settings and configuration."""

from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from delivery.configuration.sections import Sending
from delivery.transports.smarthost import SmarthostSettings
from delivery.transports.socks import SocksSettings
from mail.configuration.certificates import StoredCertificates
from mail.configuration.snapshot import compile_snapshot
from mail.models import DkimKey, Domain
from moxsite.acme.directories import caa_identity
from moxsite.setup.host_names import mail_host_names
from moxsite.setup.needs.facts import Facts, Host, Key, Proxy, Relay, unique
from moxsite.setup.public_ips import public_ips


def facts_of(domain: Domain) -> Facts:
    """Not for event loops. Raises InvalidConfiguration."""
    snapshot = compile_snapshot()
    sending = snapshot.section(Sending)
    return Facts(
        domain=domain.name,
        hosts=known_hosts(snapshot.section(StoredCertificates)),
        keys=_keys(domain),
        proxies=tuple(
            Proxy(name, one.settings.remote_ips, one.settings.proxy.ehlo_name)
            for name, one in sending.transports.items()
            if isinstance(one.settings, SocksSettings)
        ),
        relays=tuple(
            Relay(name, unique(host.name for host in one.settings.hosts))
            for name, one in sending.transports.items()
            if isinstance(one.settings, SmarthostSettings)
        ),
        reports=settings.MOXSITE_REPORT_ADDRESS,
        authority=caa_identity(settings.MOXSITE_ACME_DIRECTORY),
    )


def known_hosts(stored: StoredCertificates) -> tuple[Host, ...]:
    """This machine, then the others that the settings name."""
    name, *others = mail_host_names()
    ips = public_ips(settings.MOXSITE_PUBLIC_IPS, settings.MOXSITE_IPS)
    return (
        Host(name, ips, public_key_hashes(shown_certificate(name, stored))),
        *(
            Host(other, unique(ip for host, ip in settings.MOXSITE_MX_HOSTS if host == other))
            for other in others
        ),
    )


def shown_certificate(name: str, stored: StoredCertificates) -> bytes:
    """The certificate for who asks for this name, as PEM: one of the database, else that of the file."""
    for pattern in (name, f"*.{name.partition('.')[2]}"):
        if pattern in stored.by_name:
            return stored.by_name[pattern].chain
    try:
        return settings.TLS_CERTIFICATE.read_bytes()
    except OSError:
        return b""


def public_key_hashes(certificate_pem: bytes) -> tuple[str, ...]:
    """The SHA-256 of the public key of a certificate, in hex; nothing when it can't be read."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError:
        return ()
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return (sha256(key).hexdigest(),)


def _keys(domain: Domain) -> tuple[Key, ...]:
    wanted = domain.dkim_keys.exclude(state=DkimKey.State.RETIRED).select_related("domain").order_by("id")
    return tuple(Key(key.dns_name, key.dns_record, key.state == DkimKey.State.SIGNING) for key in wanted)
