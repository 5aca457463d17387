"""The SPF records that let every address of ours send, and nobody else (RFC 7208). Pure."""

import ipaddress
from collections.abc import Iterable

from moxsite.setup.needs.facts import Facts
from moxsite.setup.needs.records import Record, txt


def domain_spf(facts: Facts) -> Record:
    """For mail from addresses of the domain. Relays of others are not in it: they have no known address."""
    terms = ["v=spf1", *mechanisms(facts.sending_ips), "mx", "~all"]
    return txt(facts.domain, " ".join(terms))


def ehlo_spf(facts: Facts) -> list[Record]:
    """For each name said in EHLO, which notices without a sender are checked by (section 2.3)."""
    return [
        txt(name, " ".join(["v=spf1", *(mechanisms(ips) or ["a"]), "-all"]))
        for name, ips in facts.ehlo_names().items()
        if name != facts.domain
    ]


def mechanisms(ips: Iterable[str]) -> list[str]:
    """The mechanisms for single addresses."""
    return [f"ip{ipaddress.ip_address(ip).version}:{ip}" for ip in ips]


def amended(published: str, ips: Iterable[str]) -> str:
    """A published record with more addresses, before what it says about all others."""
    version, *terms = published.split()
    rest = [term for term in terms if term.lower().lstrip("+-~?") == "all" or "redirect=" in term.lower()]
    kept = [term for term in terms if term not in rest]
    return " ".join([version, *mechanisms(ips), *kept, *rest])
