"""Changes of log levels."""

from functools import partial

from mail.configfile.section import Change, Difference, Phase, differences
from mail.models import LogLevel


def plan_log(stored: dict[str, str], wanted: dict[str, str]) -> list[Change]:
    """One change for each package."""
    return [
        Change(Phase.OTHER, _text(change), partial(_set, change.key, change.new))
        for change in differences(stored, wanted)
    ]


def _text(change: Difference[str]) -> str:
    name = f"log level of {change.key}" if change.key else "log level"
    if change.old is None:
        return f"+ {name}: {change.new}"
    return f"- {name}: {change.old}" if change.new is None else f"~ {name}: {change.old} -> {change.new}"


def _set(package: str, level: str | None) -> None:
    if level is None:
        LogLevel.objects.filter(package=package).delete()
    else:
        LogLevel.objects.update_or_create(package=package, defaults={"level": level})
