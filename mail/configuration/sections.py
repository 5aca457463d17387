"""What a snapshot holds of mail's own configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mail.configuration.rules.domains import DomainRules, separator_problems
from mail.configuration.snapshot import InvalidConfiguration, register_section
from mail.models import Account, Domain, LogLevel

DEFAULT_LOG_LEVEL = "info"


@dataclass(frozen=True, slots=True)
class HostedDomains:
    """The domains whose mail this server receives, by name."""

    by_name: Mapping[str, DomainRules]

    def get(self, name: str) -> DomainRules | None:
        """The rules of a domain; None when it is not hosted here."""
        return self.by_name.get(name)


@dataclass(frozen=True, slots=True)
class LogLevels:
    """How much is logged: by default, and by packages that differ from it."""

    default: str
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many bytes of mail accounts may keep, by id. Others keep as much as fits."""

    by_account: Mapping[int, int]


def compile_domains() -> HostedDomains:
    """Raises InvalidConfiguration for separators that no localpart can be read with."""
    found: dict[str, DomainRules] = {}
    for domain in Domain.objects.all():
        for problem in separator_problems(
            domain.localpart_separators, case_sensitive=domain.localpart_case_sensitive
        ):
            raise InvalidConfiguration(f"domain {domain.name}: {problem.message}")
        found[domain.name] = domain.rules
    return HostedDomains(MappingProxyType(found))


def compile_log_levels() -> LogLevels:
    """Every level that is configured, or the level info."""
    levels = {row.package: row.level for row in LogLevel.objects.all()}
    default = levels.pop("", DEFAULT_LOG_LEVEL)
    return LogLevels(default, MappingProxyType(levels))


def compile_quotas() -> Quotas:
    """Those that are set."""
    limited = Account.objects.filter(quota_mb__gt=0).values_list("pk", "quota_mb")
    return Quotas(MappingProxyType({account: quota * 1_000_000 for account, quota in limited}))


def register() -> None:
    """Let snapshots have these sections."""
    register_section(HostedDomains, compile_domains)
    register_section(LogLevels, compile_log_levels)
    register_section(Quotas, compile_quotas)
