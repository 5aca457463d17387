"""Rules for the addresses of a domain: what a localpart may be, and that no two are the same. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.localpart import check_localpart
from mail.configuration.rules.domains import DomainRules, sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """An address that is configured, whose it is ("account alice", "the alias team@example.org"), and where
    that stands, if it stands in a file.
    """

    localpart: str
    owner: str
    path: tuple[str | int, ...] = ()


def localpart_form(text: str) -> str:
    """The localpart as it is stored: NFC."""
    return unicodedata.normalize("NFC", text)


def localpart_problem(localpart: str, rules: DomainRules) -> str:
    """What forbids this localpart as a destination or alias of the domain; "" when it is fine."""
    if not localpart:
        return "The part before the @ is missing."
    if "@" in localpart:
        return "The part before the @ can't contain another @."
    try:
        check_localpart(localpart)
    except AddressError as error:
        return sentence(str(error))
    compared = localpart if rules.case_sensitive else localpart.lower()
    for separator in rules.separators:
        if separator in compared:
            return (
                f"The part before the @ contains “{separator}”, a separator of {rules.name}: "
                "no mail would ever reach this address."
            )
    return ""


def conflicts(claims: Iterable[Claim], rules: DomainRules) -> list[tuple[Claim, Claim]]:
    """Pairs of claims on one canonical address of the domain; of each pair, the first came first."""
    first: dict[str, Claim] = {}
    found = []
    for claim in claims:
        earlier = first.setdefault(rules.canonical(claim.localpart), claim)
        if earlier is not claim:
            found.append((earlier, claim))
    return found


def conflict_message(localpart: str, other: Claim, rules: DomainRules) -> str:
    """Why the address can't be configured: somebody has it."""
    address = Address(localpart, rules.name).display()
    if other.localpart == localpart:
        return f"{address} belongs to {other.owner} already."
    return (
        f"{address} is the same address as {Address(other.localpart, rules.name).display()} of {other.owner}."
    )


def catchall_message(domain: str, owner: str) -> str:
    """Why a domain can't have this catchall: it has one."""
    return f"{domain} has a catchall already, of {owner}. A domain has at most one."
