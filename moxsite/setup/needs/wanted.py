"""All records that a domain needs, section by section. Pure."""

from dataclasses import dataclass

from moxsite.setup.needs.facts import Facts
from moxsite.setup.needs.mta_sts import policy_host, policy_record
from moxsite.setup.needs.records import Record, addresses, alias, pointer, txt
from moxsite.setup.needs.services import AUTODISCOVER, SERVICES
from moxsite.setup.needs.spf import domain_spf, ehlo_spf


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records that belong together, and what they are for."""

    title: str
    note: str
    records: tuple[Record, ...]


def wanted(facts: Facts) -> list[Wanted]:
    """Everything to publish; groups without records are left out."""
    groups = [
        Wanted("Addresses", "The machines, and the names of proxies outside.", host_addresses(facts)),
        Wanted("Mail servers", "Who takes mail for the domain.", mx_records(facts)),
        Wanted("SPF", "Which addresses send mail of the domain.", (domain_spf(facts), *ehlo_spf(facts))),
        Wanted("DKIM", "The keys that verify signatures.", dkim_records(facts)),
        Wanted(
            "DMARC",
            "What others do with forged mail. Begin with p=none while other servers still send mail of the "
            "domain.",
            (dmarc_record(facts), *consent_records(facts)),
        ),
        Wanted("TLS reports", "Where others report failed encryption.", tls_report_records(facts)),
        Wanted(
            "MTA-STS",
            "Others hand mail over with a valid certificate only.",
            (policy_record(facts), *_aliases(facts, policy_host(facts))),
        ),
        Wanted(
            "DANE",
            "The keys of the machines; they count in a zone signed with DNSSEC.",
            tlsa_records(facts),
        ),
        Wanted(
            "Certificates",
            "Which authority may issue certificates for names of the domain. Add others that do.",
            caa_records(facts),
        ),
        Wanted(
            "Mail programs",
            "Where mail programs find their settings and servers.",
            (
                *(service.record(facts) for service in SERVICES),
                AUTODISCOVER.record(facts),
                *_aliases(facts, f"autoconfig.{facts.domain}", f"autodiscover.{facts.domain}"),
            ),
        ),
        Wanted(
            "Reverse DNS",
            "For whoever gave you the addresses: they can’t be set in the zone of the domain.",
            pointers(facts),
        ),
    ]
    return [group for group in groups if group.records]


def zone_text(facts: Facts) -> str:
    """All records as a zone file with comments."""
    lines: list[str] = []
    for group in wanted(facts):
        lines += [f"; {group.title}. {group.note}", *(record.line for record in group.records), ""]
    return "\n".join(lines)


def host_addresses(facts: Facts) -> tuple[Record, ...]:
    """Of the machines, and of names that proxies use outside."""
    hosts = [record for host in facts.hosts for record in addresses(host.name, host.ips)]
    proxies = [record for name, ips in facts.named_proxies().items() for record in addresses(name, ips)]
    return (*hosts, *proxies)


def mx_records(facts: Facts) -> tuple[Record, ...]:
    """Every machine takes mail equally."""
    return tuple(Record(facts.domain, "MX", f"10 {name}.") for name in facts.host_names)


def dkim_records(facts: Facts) -> tuple[Record, ...]:
    """Of the keys that sign, and of those that wait for their record."""
    return tuple(txt(key.name, key.text) for key in facts.keys)


def dmarc_record(facts: Facts) -> Record:
    """Forged mail is to be refused, and reported."""
    return txt(f"_dmarc.{facts.domain}", f"v=DMARC1; p=reject; rua=mailto:{facts.report_address}")


def consent_records(facts: Facts) -> tuple[Record, ...]:
    """The consent of a domain elsewhere to take the reports (RFC 7489 section 7.1)."""
    elsewhere = facts.report_address.rpartition("@")[2]
    if elsewhere == facts.domain:
        return ()
    return (txt(f"{facts.domain}._report._dmarc.{elsewhere}", "v=DMARC1"),)


def tls_report_records(facts: Facts) -> tuple[Record, ...]:
    """For the domain (MTA-STS), and for the machines (DANE) (RFC 8460 section 3)."""
    return tuple(
        txt(f"_smtp._tls.{name}", f"v=TLSRPTv1; rua=mailto:{facts.report_address}")
        for name in dict.fromkeys((facts.domain, *facts.host_names))
    )


def tlsa_records(facts: Facts) -> tuple[Record, ...]:
    """The public keys of the machines at port 25 (RFC 7672 section 3.1.1)."""
    return tuple(
        Record(f"_25._tcp.{host.name}", "TLSA", f"3 1 1 {digest}")
        for host in facts.hosts
        for digest in host.key_hashes
    )


def caa_records(facts: Facts) -> tuple[Record, ...]:
    """The authority that certificates are obtained from (RFC 8659)."""
    return (Record(facts.domain, "CAA", f'0 issue "{facts.authority}"'),) if facts.authority else ()


def pointers(facts: Facts) -> tuple[Record, ...]:
    """One name for each address: of the machine, or what the proxy says in EHLO."""
    names: dict[str, str] = {}
    for name, ips in facts.ehlo_names().items():
        for ip in ips:
            names.setdefault(ip, name)
    return tuple(pointer(ip, name) for ip, name in names.items())


def _aliases(facts: Facts, *names: str) -> list[Record]:
    """Of this machine. A name that has addresses of its own can be no alias."""
    taken = facts.ehlo_names()
    return [alias(name, facts.host.name) for name in names if name not in taken]
