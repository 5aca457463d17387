"""What tests do with configuration files."""

from pathlib import Path

from mail.configfile.section import Options
from moxsite.configfile import Plan, apply_plan, make_plan


def plan(text: str, *, remove_accounts: bool = False, folder: Path = Path()) -> Plan:
    """Compare a file with the database."""
    return make_plan(text.encode(), folder, Options(remove_accounts=remove_accounts))


def apply(text: str, *, remove_accounts: bool = False, folder: Path = Path()) -> list[str]:
    """Apply a file without problems; the lines of its diff."""
    made = plan(text, remove_accounts=remove_accounts, folder=folder)
    assert not made.problems, [str(problem) for problem in made.problems]
    apply_plan(made)
    return made.lines()


def problems(text: str, *, folder: Path = Path()) -> list[str]:
    """What is wrong with a file."""
    return [str(problem) for problem in plan(text, folder=folder).problems]
