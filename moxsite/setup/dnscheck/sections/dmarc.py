"""What others shall do with forged mail, and where they report it (RFC 7489). Pure."""

from mail.authentication.dmarc.organization import organizational_domain
from mail.authentication.dmarc.record import is_record, read_record
from mail.authentication.results import Disposition
from mail.authentication.tags import lenient_tags
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.sections.reports import mail_addresses
from moxsite.setup.needs.records import txt
from moxsite.setup.needs.wanted import dmarc_record


async def look(check: Check, section: Section) -> None:
    """The record of the domain, or else of its organization."""
    facts = check.facts
    wanted = dmarc_record(facts)
    place, texts = "", []
    for place in dict.fromkeys((facts.domain, organizational_domain(facts.domain))):
        texts = [text for text in await records(check.dns.txt(f"_dmarc.{place}")) if is_record(text)]
        if texts:
            break
    if not texts:
        section.error(f"{facts.domain} has no DMARC record.", wanted)
        return
    if len(texts) > 1:
        section.error(f"_dmarc.{place} has {len(texts)} DMARC records, which count as none.", wanted)
        return
    record = read_record(texts[0])
    if record is None:
        section.error(f"The DMARC record of {place} has no policy (p=) that can be read.", wanted)
        return
    inherited = place != facts.domain
    if inherited:
        section.instruction(f"{facts.domain} has no DMARC record of its own; that of {place} holds.")
    policy = record.subdomain_policy if inherited else record.policy
    if policy is Disposition.NONE:
        section.warning("The policy is none: forged mail is accepted. Use p=reject or p=quarantine.", wanted)
    if not inherited and record.subdomain_policy is Disposition.NONE is not record.policy:
        section.warning("The policy for names below is none (sp=none): mail forged from them is accepted.")
    await _look_at_reports(check, section, place, texts[0])


async def _look_at_reports(check: Check, section: Section, place: str, text: str) -> None:
    facts = check.facts
    tags = lenient_tags(text)
    aggregate = mail_addresses(tags.get("rua", ""))
    if not aggregate:
        section.warning(
            "Nobody gets reports about forged mail (rua=), so mistakes stay unseen.", dmarc_record(facts)
        )
    elif facts.reports and facts.reports.lower() not in aggregate:
        section.error(
            f"Reports don’t go to {facts.reports}, as configured, but to {', '.join(aggregate)}.",
            dmarc_record(facts),
        )

    async def look_at(elsewhere: str) -> None:
        name = f"{place}._report._dmarc.{elsewhere}"
        if not any(is_record(found) for found in await records(check.dns.txt(name))):
            section.error(
                f"{elsewhere} has not agreed to take reports about {place}, so none are sent.",
                txt(name, "v=DMARC1"),
            )

    everybody = {address.rpartition("@")[2] for address in [*aggregate, *mail_addresses(tags.get("ruf", ""))]}
    own = organizational_domain(place)
    await each(section, sorted(one for one in everybody if organizational_domain(one) != own), look_at)
