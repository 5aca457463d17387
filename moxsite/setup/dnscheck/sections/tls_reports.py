"""Where others report mail that could not be encrypted (RFC 8460). Pure."""

from mail.authentication.tags import lenient_tags
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.sections.reports import mail_addresses
from moxsite.setup.needs.records import Record
from moxsite.setup.needs.wanted import tls_report_records


async def look(check: Check, section: Section) -> None:
    """For the domain, and for the names of the machines."""

    async def look_at(wanted: Record) -> None:
        texts = [text for text in await records(check.dns.txt(wanted.name)) if text.startswith("v=TLSRPTv1")]
        if not texts:
            section.error(
                f"{wanted.name} is missing: nobody reports mail that could not be encrypted.", wanted
            )
        elif len(texts) > 1:
            section.error(f"{wanted.name} has {len(texts)} records, which count as none.", wanted)
        else:
            _look_at_text(check, section, wanted, texts[0])

    await each(section, tls_report_records(check.facts), look_at)


def _look_at_text(check: Check, section: Section, wanted: Record, text: str) -> None:
    uris = lenient_tags(text).get("rua", "")
    if not uris:
        section.error(f"{wanted.name} names nobody to report to (rua=).", wanted)
    elif check.facts.reports and check.facts.reports.lower() not in mail_addresses(uris):
        section.error(f"{wanted.name} does not name {check.facts.reports}, as configured.", wanted)
