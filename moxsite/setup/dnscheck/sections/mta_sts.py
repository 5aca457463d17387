"""Whether others are told to hand mail over encrypted only (RFC 8461). Pure."""

from typing import Final

from delivery.mtasts.policy import InvalidPolicy, Mode, Policy, parse_policy
from delivery.mtasts.record import InvalidRecord, policy_id
from moxsite.setup.dnscheck.checking import Check, ServerProblem, mail_hosts, or_none, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.mta_sts import policy_host, policy_record, policy_text
from moxsite.setup.needs.records import alias

_SHORTEST_AGE: Final = 24 * 3600


async def look(check: Check, section: Section) -> None:
    """The record, the policy, and whether the policy fits the MX records."""
    facts = check.facts
    wanted = (policy_record(facts), alias(policy_host(facts), facts.host.name))
    try:
        identity = policy_id(await records(check.dns.txt(f"_mta-sts.{facts.domain}")))
    except InvalidRecord as error:
        section.error(f"MTA-STS counts for nothing: {error}.", wanted[0])
        return
    if identity is None:
        section.warning(
            "There is no MTA-STS: who is between two servers can keep mail from being encrypted.", *wanted
        )
        return
    text = await _policy(check, section)
    if text is None:
        return
    try:
        policy = parse_policy(text)
    except InvalidPolicy as error:
        section.error(f"The policy can’t be read: {error}.")
        return
    await _compare(check, section, policy)
    if text.split() == policy_text(facts).split() and wanted[0].value != f'"v=STSv1; id={identity}"':
        section.warning(
            f"The policy may have changed since the id {identity} was published: servers that keep an older "
            "one don’t notice.",
            wanted[0],
        )


async def _policy(check: Check, section: Section) -> str | None:
    facts = check.facts
    host = policy_host(facts)
    answer = await or_none(check.dns.addresses(host))
    if answer is None:
        section.error(f"{host}, which serves the policy, has no address.", alias(host, facts.host.name))
        return None
    if check.servers is None:
        section.instruction("In a what-if the policy is taken to be the one that this server serves.")
        return policy_text(facts)
    try:
        return await check.servers.policy(facts.domain, answer.records)
    except ServerProblem as problem:
        section.error(
            f"The policy can’t be had from {host}: {problem}. It needs a certificate for {host}, and this "
            "server’s pages at port 443."
        )
        return None


async def _compare(check: Check, section: Section, policy: Policy) -> None:
    if policy.mode is not Mode.ENFORCE:
        section.warning(f"The policy is in mode {policy.mode}: mail is handed over unencrypted all the same.")
    if policy.max_age <= _SHORTEST_AGE:
        section.warning("The policy holds for a day or less: who waits that long gets around it.")
    hosts = [record.host for record in await mail_hosts(check)]
    for host in hosts:
        if not policy.matches(host):
            note = section.error if policy.mode is Mode.ENFORCE else section.warning
            note(f"The policy does not list {host}, which an MX record names: mail to it is refused.")
    for name in policy.mx:
        if name not in hosts and not name.startswith("*."):
            section.warning(f"The policy lists {name}, which no MX record names.")
