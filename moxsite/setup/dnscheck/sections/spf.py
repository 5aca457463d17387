"""Whether every address that mail may come from is allowed to send it (RFC 7208). Pure."""

import asyncio
from dataclasses import dataclass
from typing import Final

import spf as pyspf

from mail import clock
from mail.authentication.spf.lookups import Lookups
from mail.authentication.spf.query import Query
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.records import Record, txt
from moxsite.setup.needs.spf import amended, domain_spf, ehlo_spf

_SECONDS: Final = 20.0
_MOST_LOOKUPS: Final = 10
_STRANGER: Final = "198.51.100.255"
"""An address for documentation, of nobody (RFC 5737)."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: str
    problem: str
    lookups: int


async def look(check: Check, section: Section) -> None:
    """The record of the domain for every address, and that of each EHLO name for its own."""
    facts = check.facts
    if not facts.knows_own_ips:
        section.warning(
            "The addresses of this machine as the world sees them are not known, so they are not compared "
            "with SPF. Set MOXSITE_PUBLIC_IPS."
        )
    ehlo_records = {record.name: record for record in ehlo_spf(facts)}

    async def look_at_name(name: str) -> None:
        await _look_at_record(check, section, ehlo_records[name], facts.ehlo_names()[name], closed=True)

    async def look_at_domain(record: Record) -> None:
        await _look_at_record(check, section, record, facts.sending_ips, closed=False)

    await each(section, [domain_spf(facts)], look_at_domain)
    await each(section, ehlo_records, look_at_name)


async def _look_at_record(
    check: Check, section: Section, wanted: Record, ips: tuple[str, ...], *, closed: bool
) -> None:
    domain = wanted.name
    texts = [text for text in await records(check.dns.txt(domain)) if _is_spf(text)]
    if not texts:
        section.error(f"{domain} has no SPF record.", wanted)
        return
    if len(texts) > 1:
        section.error(f"{domain} has {len(texts)} SPF records, which count as none. Keep one.", wanted)
        return
    refused = await _refused(check, section, domain, ips, wanted)
    if refused:
        section.error(
            f"SPF of {domain} does not let {', '.join(refused)} send.",
            txt(domain, amended(texts[0], refused)),
        )
    stranger = await _evaluate(check, domain, _STRANGER)
    if stranger.result == "pass" and not closed:
        section.warning(f"SPF of {domain} lets everybody send. End the record with ~all.", wanted)
    elif stranger.result in ("neutral", "none") and not closed:
        section.warning(
            f"SPF of {domain} says nothing about other addresses. End the record with ~all.", wanted
        )
    if stranger.lookups > _MOST_LOOKUPS - 2 and stranger.result != "permerror":
        section.warning(
            f"SPF of {domain} needs {stranger.lookups} look-ups; with more than {_MOST_LOOKUPS} it counts "
            "for nothing. Replace some of its names by addresses."
        )


async def _refused(
    check: Check, section: Section, domain: str, ips: tuple[str, ...], wanted: Record
) -> list[str]:
    """The addresses that are not allowed. What can't be evaluated is told once."""
    outcomes = await asyncio.gather(*(_evaluate(check, domain, ip) for ip in ips))
    for outcome in outcomes:
        if outcome.result in ("permerror", "temperror"):
            section.error(f"SPF of {domain} can’t be evaluated: {outcome.problem}.", wanted)
    wrong = ("pass", "permerror", "temperror")
    return [ip for ip, outcome in zip(ips, outcomes, strict=True) if outcome.result not in wrong]


async def _evaluate(check: Check, domain: str, ip: str) -> _Outcome:
    ask = Lookups(check.dns, asyncio.get_running_loop(), ip, clock.monotonic() + _SECONDS)
    return await asyncio.to_thread(_run, ask, domain, ip)


def _run(ask: Lookups, domain: str, ip: str) -> _Outcome:
    query = Query(ip, f"postmaster@{domain}", domain, receiver="localhost", ask=ask)
    try:
        word, _, text = query.check()
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return _Outcome("permerror", f"the record can’t be understood ({error})", 0)
    problem = str(query.prob or text) if word in ("permerror", "temperror") else ""
    return _Outcome(word, problem, int(query.lookups))


def _is_spf(text: str) -> bool:
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


assert pyspf.MAX_LOOKUP == _MOST_LOOKUPS
