"""Reading the domains themselves: their rules for addresses."""

from mail.addresses.domain import display_domain
from mail.configfile.table import Table
from mail.configuration.rules.domains import DomainRules, domain_name, separator_problems


def read_domains(document: Table) -> dict[str, DomainRules]:
    """The rules of every domain of the file, by name as A-labels."""
    found: dict[str, DomainRules] = {}
    for key, table in document.tables("domains").items():
        name, problems = domain_name(key)
        for problem in problems:
            table.problem(problem.message)
        rules = _read_rules(name, table)
        if name in found:
            table.problem(f"{display_domain(name)} stands in the file twice, in different spellings")
        found.setdefault(name, rules)
    return found


def _read_rules(name: str, table: Table) -> DomainRules:
    separators = table.texts("localpart_separators")
    case_sensitive = table.boolean("localpart_case_sensitive")
    problems = separator_problems(separators, case_sensitive=case_sensitive)
    for problem in problems:
        table.problem(problem.message, problem.field)
    return DomainRules(
        name,
        () if problems else separators,
        case_sensitive,
        disabled=table.boolean("disabled"),
        dmarc_reject=table.boolean("dmarc_reject", True),
    )
