"""Forgetting configurations of long ago."""

from typing import Final

from mail.periodic.registry import every
from moxsite.models import ConfigurationVersion

KEPT: Final = 1000
"""Versions; a change of configuration makes one."""


@every(minutes=24 * 60, name="prune configuration history")
def prune_history() -> None:
    """All but the newest."""
    kept = list(ConfigurationVersion.objects.values_list("generation", flat=True)[:KEPT])
    if len(kept) == KEPT:
        ConfigurationVersion.objects.filter(generation__lt=kept[-1]).delete()
