"""Who has which address of a domain, as the database says."""

from typing import TYPE_CHECKING

from mail.configuration.rules.addresses import Claim, conflict_message, conflicts, localpart_problem
from mail.configuration.rules.domains import DomainRules
from mail.configuration.rules.problem import FieldProblem

if TYPE_CHECKING:
    from mail.models import Alias, Destination, Domain

_REPORTED = 5


def claim_on(
    domain: "Domain", canonical: str, *, destination: int | None = None, alias: int | None = None
) -> Claim | None:
    """Who has this canonical localpart, apart from the destination and the alias with these ids."""
    destinations = domain.destinations.filter(canonical_localpart=canonical, is_catchall=False)
    for found in destinations.exclude(pk=destination or 0).select_related("account")[:1]:
        return _of_destination(found)
    for other in domain.aliases.filter(canonical_localpart=canonical).exclude(pk=alias or 0)[:1]:
        return _of_alias(other, domain.name)
    return None


def catchall_owner(domain: "Domain", *, destination: int | None = None) -> str:
    """The account of the domain's catchall, apart from the destination with this id; "" if there is none."""
    others = domain.destinations.filter(is_catchall=True).exclude(pk=destination or 0)
    return others.values_list("account__name", flat=True).first() or ""


def domain_change_problems(domain: "Domain") -> list[FieldProblem]:
    """What keeps the addresses that a domain has from living with its separators and case as they are now."""
    rules = domain.rules
    claims = _claims(domain)
    messages = []
    for claim in claims:
        if localpart_problem(claim.localpart, rules):
            messages.append(
                f"{claim.localpart}@{domain.name} of {claim.owner} contains a separator: remove it first."
            )
    if messages:
        return _shortened("localpart_separators", messages)
    return _shortened(
        "localpart_case_sensitive",
        [conflict_message(late.localpart, early, rules) for early, late in conflicts(claims, rules)],
    )


def recanonicalise(domain: "Domain") -> None:
    """Give the addresses of a domain the canonical localparts of its present rules."""
    rules = domain.rules
    for destination in domain.destinations.filter(is_catchall=False):
        if (canonical := rules.canonical(destination.localpart)) != destination.canonical_localpart:
            domain.destinations.filter(pk=destination.pk).update(canonical_localpart=canonical)
    for alias in domain.aliases.all():
        if (canonical := rules.canonical(alias.localpart)) != alias.canonical_localpart:
            domain.aliases.filter(pk=alias.pk).update(canonical_localpart=canonical)


def same_reading(one: DomainRules, other: DomainRules) -> bool:
    """Whether both read localparts in the same way."""
    return (one.separators, one.case_sensitive) == (other.separators, other.case_sensitive)


def _claims(domain: "Domain") -> list[Claim]:
    destinations = domain.destinations.filter(is_catchall=False).select_related("account").order_by("pk")
    return [
        *(_of_destination(destination) for destination in destinations),
        *(_of_alias(alias, domain.name) for alias in domain.aliases.order_by("pk")),
    ]


def _of_destination(destination: "Destination") -> Claim:
    return Claim(destination.localpart, f"account {destination.account.name}")


def _of_alias(alias: "Alias", domain: str) -> Claim:
    return Claim(alias.localpart, f"the alias {alias.localpart}@{domain}")


def _shortened(field: str, messages: list[str]) -> list[FieldProblem]:
    if len(messages) > _REPORTED:
        messages = [*messages[:_REPORTED], f"And {len(messages) - _REPORTED} more addresses."]
    return [FieldProblem(field, message) for message in messages]
