"""Running all sections at the same time, each on its own, within one deadline. Pure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from mail.dns.errors import DnsTemporary
from moxsite.setup.dnscheck.checking import Check, no_answer
from moxsite.setup.dnscheck.findings import Report, Section
from moxsite.setup.dnscheck.sections import (
    autoconfig,
    autodiscover,
    caa,
    dane,
    dkim,
    dmarc,
    dnssec,
    mta_sts,
    mx,
    relays,
    reverse,
    spf,
    srv,
    tls,
    tls_reports,
)

log = logging.getLogger(__name__)

DEADLINE_SECONDS: Final = 30.0

Look = Callable[[Check, Section], Awaitable[None]]

SECTIONS: Final[dict[str, Look]] = {
    "DNSSEC": dnssec.look,
    "Reverse DNS": reverse.look,
    "MX": mx.look,
    "TLS": tls.look,
    "DANE": dane.look,
    "SPF": spf.look,
    "DKIM": dkim.look,
    "DMARC": dmarc.look,
    "TLSRPT": tls_reports.look,
    "MTA-STS": mta_sts.look,
    "SRV": srv.look,
    "CAA": caa.look,
    "Autoconfig": autoconfig.look,
    "Autodiscover": autodiscover.look,
    "Relays": relays.look,
}


async def run_check(check: Check, *, seconds: float = DEADLINE_SECONDS) -> Report:
    """All sections. What one has found until the deadline is kept. Never raises."""
    sections = {name: Section(name) for name in SECTIONS}
    running = [_look(check, section, SECTIONS[name], seconds) for name, section in sections.items()]
    await asyncio.gather(*running)
    return Report(check.facts.domain, tuple(sections.values()))


async def _look(check: Check, section: Section, look: Look, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await look(check, section)
    except TimeoutError:
        section.error(
            f"This was not finished within {seconds:g} s: something does not answer. What stands here is "
            "what was found until then."
        )
    except DnsTemporary as error:
        section.error(no_answer(error))
    except Exception as error:
        log.exception("a section of the DNS check failed", extra={"fields": {"section": section.name}})
        section.error(f"This section failed ({type(error).__name__}); the log has more. Others are complete.")
