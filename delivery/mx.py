"""Which hosts take mail for a domain (RFC 5321 section 5.1)."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from mail.addresses.domain import AddressError
from mail.addresses.literal import literal_address
from mail.dns.answers import Answer, MxRecord
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver

ALIAS_LIMIT = 16
"""Steps of a CNAME chain that are followed."""

HOST_LIMIT = 10
"""Hosts of one domain that are tried: a domain with more must not keep others waiting."""

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")

Shuffle = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class MailExchangers:
    """Hosts in the order in which they are tried.

    `ip` is set instead for an address literal. `domain` is the name at the end of the CNAME chain, `implicit`
    says that it has no MX and is its own host, `authentic` that DNSSEC vouches for all lookups.
    """

    hosts: tuple[str, ...]
    domain: str
    implicit: bool = False
    authentic: bool = False
    ip: str = ""


async def mail_exchangers(
    domain: str, resolver: Resolver, *, shuffle: Shuffle = random.shuffle
) -> MailExchangers:
    """The hosts for a recipient domain (A-labels) or address literal, lowest preference first.

    Hosts of equal preference come in random order. Raises DeliveryFailure with stage resolve: permanent when
    the domain does not exist or accepts no mail (RFC 7505), temporary for everything that DNS may put right.
    """
    if domain.startswith("["):
        return _literal(domain)
    name, seen, authentic = domain, {domain}, True
    for _ in range(ALIAS_LIMIT):
        try:
            answer = await resolver.mx(name)
        except DnsTemporary as error:
            raise local_failure(Stage.RESOLVE, 451, "4.4.3", str(error)) from error
        except DnsNotFound as error:
            authentic = authentic and error.authentic
            if error.canonical_name == name:
                return _without_mx(domain, error, authentic=authentic)
            # The answer ends in an alias that may lead on.
            name = error.canonical_name
        else:
            return _with_mx(answer, shuffle, authentic=authentic and answer.authentic)
        if name in seen:
            raise local_failure(Stage.RESOLVE, 451, "4.4.3", f"the CNAME records of {domain} form a loop")
        seen.add(name)
    text = f"{domain} is an alias of an alias, and so on for more than {ALIAS_LIMIT} steps"
    raise local_failure(Stage.RESOLVE, 451, "4.4.3", text)


def _literal(domain: str) -> MailExchangers:
    try:
        ip = str(literal_address(domain))
    except AddressError as error:
        raise _no_domain(f"{domain} is no IP address") from error
    return MailExchangers(hosts=(domain,), domain=domain, ip=ip)


def _without_mx(domain: str, error: DnsNotFound, *, authentic: bool) -> MailExchangers:
    if not error.exists:
        name = error.name
        alias = "" if name == domain else f"{domain} is an alias of {name}, but "
        raise _no_domain(f"{alias}the domain {name} does not exist") from error
    name = error.canonical_name
    if not _is_host_name(name):
        text = f"{domain} is an alias of a name that no host can have"
        raise local_failure(Stage.RESOLVE, 451, "4.4.4", text)
    return MailExchangers(hosts=(name,), domain=name, implicit=True, authentic=authentic)


def _with_mx(answer: Answer[MxRecord], shuffle: Shuffle, *, authentic: bool) -> MailExchangers:
    domain = answer.canonical_name
    if all(record.is_null for record in answer.records):
        text = f"the domain {answer.name} accepts no mail"
        raise local_failure(Stage.RESOLVE, 556, "5.1.10", text)
    hosts = _ordered([record for record in answer.records if _is_host_name(record.host)], shuffle)
    if not hosts:
        text = f"the MX records of {answer.name} name no host that could exist"
        raise local_failure(Stage.RESOLVE, 451, "4.4.4", text)
    return MailExchangers(hosts=tuple(hosts[:HOST_LIMIT]), domain=domain, authentic=authentic)


def _ordered(records: Sequence[MxRecord], shuffle: Shuffle) -> list[str]:
    ordered: list[str] = []
    by_preference = sorted(records, key=lambda record: record.preference)
    for _, equals in groupby(by_preference, key=lambda record: record.preference):
        hosts = [record.host for record in equals]
        shuffle(hosts)
        ordered += hosts
    return list(dict.fromkeys(ordered))


def _is_host_name(name: str) -> bool:
    """Whether a host may have this name (RFC 1123 section 2.1, but for underscores, which some have).

    An IP address, the usual mistake in MX records, is none.
    """
    return _HOST_NAME.fullmatch(name) is not None and not name.rpartition(".")[2].isdigit()


def _no_domain(text: str) -> DeliveryFailure:
    return local_failure(Stage.RESOLVE, 550, "5.1.2", text)
