"""Log levels follow the configuration."""

from mail.configuration.sections import LogLevels
from mail.configuration.snapshot import Snapshot
from mail.configuration.snapshots import snapshots
from moxsite.logs.levels import apply_levels


def follow_configured_levels() -> None:
    """From now on use the levels of each new snapshot of this process, unless --loglevel wins."""
    snapshots().on_change(use_levels)


def use_levels(snapshot: Snapshot) -> None:
    """Use the levels of a snapshot."""
    levels = snapshot.section(LogLevels)
    apply_levels(levels.default, levels.packages)
