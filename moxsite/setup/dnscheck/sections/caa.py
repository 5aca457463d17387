"""Whether the authority may issue certificates for the names that need them (RFC 8659). Pure."""

from collections.abc import Sequence
from typing import Final

from mail.dns.answers import CaaRecord
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.mta_sts import policy_host
from moxsite.setup.needs.records import Record
from moxsite.setup.needs.wanted import caa_records

_KNOWN_TAGS: Final = ("issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc")
_METHOD: Final = "http-01"


async def look(check: Check, section: Section) -> None:
    """The records that hold for the machine, and for the names of the domain that are served here."""
    facts = check.facts
    wanted = caa_records(facts)
    found: dict[str, Sequence[CaaRecord]] = {}

    async def look_at(name: str) -> None:
        owner, relevant = await _relevant(check, name)
        if owner and owner not in found:
            found[owner] = relevant
            _judge(section, name, owner, relevant, facts.authority)

    names = (facts.domain, facts.host.name, policy_host(facts), f"autoconfig.{facts.domain}")
    await each(section, dict.fromkeys(names), look_at)
    if wanted and not (await _relevant(check, facts.domain))[0]:
        section.warning(
            f"Every authority may issue certificates for {facts.domain}: name those that do.", *wanted
        )


async def _relevant(check: Check, name: str) -> tuple[str, Sequence[CaaRecord]]:
    """The records of the closest name at or above this one that has any, and which name that is."""
    while "." in name:
        found = await records(check.dns.caa(name))
        if found:
            return name, found
        name = name.partition(".")[2]
    return "", ()


def _judge(section: Section, name: str, owner: str, found: Sequence[CaaRecord], authority: str) -> None:
    strange = [record.tag for record in found if record.is_critical and record.tag not in _KNOWN_TAGS]
    if strange:
        section.error(
            f"CAA of {owner} demands something that authorities do not know ({strange[0]}), so none issues "
            f"a certificate for {name}. Remove it, or let it not be critical."
        )
    issuers = [_parsed(record.value) for record in found if record.tag == "issue"]
    allowed = sorted({issuer for issuer, _ in issuers if issuer})
    if not issuers:
        return
    others = f"only {', '.join(allowed)}" if allowed else "nobody"
    if not authority:
        section.instruction(
            f"CAA of {owner} lets {others} issue certificates. Whether yours come from there is not known "
            "here."
        )
        return
    ours = [parameters for issuer, parameters in issuers if issuer == authority]
    record = Record(owner, "CAA", f'0 issue "{authority}"')
    if not ours:
        section.error(
            f"CAA of {owner} lets {others} issue certificates, so {authority} issues none for {name}.", record
        )
    elif not any(_METHOD in parameters.get("validationmethods", _METHOD).split(",") for parameters in ours):
        section.error(f"CAA of {owner} does not allow the challenge that is used here, {_METHOD}.", record)
    elif all("accounturi" in parameters for parameters in ours):
        section.instruction(
            f"CAA of {owner} is for one account at {authority} (accounturi): see that it is that of this "
            "server."
        )


def _parsed(value: str) -> tuple[str, dict[str, str]]:
    """The authority, and the parameters in lower case (section 4.2)."""
    issuer, *parts = (part.strip().lower() for part in value.split(";"))
    pairs = (part.partition("=") for part in parts)
    return issuer, {key.strip(): text.strip() for key, _, text in pairs}
