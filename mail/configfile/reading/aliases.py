"""Reading the aliases of domains; with them, the domains are complete."""

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configfile.reading.claims import Claims
from mail.configfile.table import Table
from mail.configfile.values import AliasValue, DomainValue
from mail.configuration.rules.addresses import localpart_form
from mail.configuration.rules.domains import DomainRules, domain_name, sentence


def read_aliases(document: Table, claims: Claims) -> dict[str, DomainValue]:
    """The domains by name, each with its aliases."""
    found: dict[str, DomainValue] = {}
    for key, table in document.tables("domains").items():
        rules = claims.rules[domain_name(key)[0]]
        aliases = _read_all(table, rules, claims)
        value = DomainValue(
            rules.separators, rules.case_sensitive, rules.disabled, rules.dmarc_reject, aliases
        )
        found.setdefault(rules.name, value)
    return found


def _read_all(table: Table, rules: DomainRules, claims: Claims) -> dict[str, AliasValue]:
    found: dict[str, AliasValue] = {}
    for key, row in table.tables("aliases").items():
        localpart = localpart_form(key)
        problem = claims.claim_alias(Address(localpart, rules.name), row.path)
        if problem:
            row.problem(problem)
        found[localpart] = AliasValue(
            _read_members(row, claims),
            post_public=row.boolean("post_public"),
            list_members=row.boolean("list_members"),
            allow_from=row.boolean("allow_from"),
        )
    return found


def _read_members(row: Table, claims: Claims) -> tuple[str, ...]:
    members: dict[str, None] = {}
    texts = row.texts("addresses")
    if not texts:
        row.problem("An alias needs at least one address that its mail goes to.", "addresses")
    for position, text in enumerate(texts):
        try:
            member = claims.destination(parse_address(text))
        except AddressError as error:
            row.problem(sentence(str(error)), "addresses", position)
            continue
        if member is None:
            row.problem(f"{text} is not an address of an account of this file.", "addresses", position)
        elif member in members:
            row.problem(f"{text} is a member already.", "addresses", position)
        else:
            members[member] = None
    return tuple(members)
