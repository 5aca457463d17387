"""Rules for DKIM keys; admin pages and commands share them. Pure."""

from collections.abc import Collection
from itertools import count

from mail import clock
from mail.addresses.domain import LONGEST_DOMAIN, AddressError, normalise_domain
from mail.configuration.rules.domains import sentence
from mail.configuration.rules.problem import FieldProblem
from mail.dkim.record import record_name


def selector_form(text: str, domain: str) -> tuple[str, list[FieldProblem]]:
    """The selector as lower case A-labels, or as it came together with what is wrong with it.

    `domain` is the domain that it stands before in DNS (RFC 6376 section 3.1).
    """
    behind = f".{domain}"
    try:
        selector = normalise_domain(text.strip() + behind).removesuffix(behind)
    except AddressError as error:
        message = sentence(str(error).replace("the domain", "the selector"))
        return text, [FieldProblem("selector", message)]
    if len(record_name(selector, domain)) > LONGEST_DOMAIN:
        return text, [FieldProblem("selector", "With the domain it is too long for a name in DNS.")]
    return selector, []


def free_selector(algorithm: str, moment: clock.Moment, taken: Collection[str]) -> str:
    """A selector that says kind and month, such as rsa202611, and when that is taken rsa202611-2."""
    kind = "rsa" if algorithm.startswith("rsa") else algorithm
    name = f"{kind}{clock.as_datetime(moment):%Y%m}"
    if name not in taken:
        return name
    return next(numbered for number in count(2) if (numbered := f"{name}-{number}") not in taken)
