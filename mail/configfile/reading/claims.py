"""Which addresses the file gives away, to find the ones that two want. Pure."""

from collections.abc import Mapping

from mail.addresses.address import Address, Catchall
from mail.configfile.problems import FilePath
from mail.configfile.table import Table
from mail.configuration.rules.addresses import (
    Claim,
    catchall_message,
    conflict_message,
    conflicts,
    localpart_problem,
)
from mail.configuration.rules.domains import DomainRules


class Claims:
    """Collects the addresses of accounts and aliases."""

    def __init__(self, rules: Mapping[str, DomainRules]) -> None:
        self.rules = rules
        self._claims: dict[str, list[Claim]] = {name: [] for name in rules}
        self._catchalls: dict[str, str] = {}
        self._destinations: dict[tuple[str, str], str] = {}

    def claim_destination(self, address: Address | Catchall, owner: str, path: FilePath) -> str:
        """Note a destination of an account; what forbids it by itself, or ""."""
        rules = self.rules.get(address.domain)
        if rules is None:
            return f"{address.domain} is not a domain of this file"
        if isinstance(address, Catchall):
            first = self._catchalls.setdefault(address.domain, owner)
            return "" if first is owner else catchall_message(address.domain, first)
        canonical = rules.canonical(address.localpart)
        self._destinations.setdefault((rules.name, canonical), str(address))
        return self._claim(address.localpart, rules, owner, path)

    def claim_alias(self, address: Address, path: FilePath) -> str:
        """Note an alias; what forbids it by itself, or ""."""
        return self._claim(address.localpart, self.rules[address.domain], f"the alias {address}", path)

    def destination(self, address: Address) -> str | None:
        """The destination that an address belongs to, as it is spelled; None if it belongs to none."""
        rules = self.rules.get(address.domain)
        return self._destinations.get((rules.name, rules.canonical(address.localpart))) if rules else None

    def report_conflicts(self, document: Table) -> None:
        """Note the addresses that were claimed twice, at the later claim."""
        for name, claims in self._claims.items():
            rules = self.rules[name]
            for early, late in conflicts(claims, rules):
                document.problem(conflict_message(late.localpart, early, rules), *late.path)

    def _claim(self, localpart: str, rules: DomainRules, owner: str, path: FilePath) -> str:
        problem = localpart_problem(localpart, rules)
        if not problem:
            self._claims[rules.name].append(Claim(localpart, owner, path))
        return problem
