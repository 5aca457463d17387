"""Keeps the configuration of each generation. The background worker does it, beside its other work."""

import logging
from collections import Counter

from django.db import IntegrityError

from mail import clock
from mail.configuration.generation import read_generation
from mail.configuration.snapshot import Snapshot
from mail.configuration.snapshots import snapshots
from moxsite.configfile import ConfigurationChanged, export_text
from moxsite.models import ConfigurationVersion

log = logging.getLogger(__name__)


def keep_versions() -> None:
    """From now on keep what this process learns of the configuration."""
    snapshots().on_change(_keep)


def keep_version() -> ConfigurationVersion | None:
    """Keep the configuration as it is now. None when that was done before."""
    generation = read_generation()
    newest = ConfigurationVersion.objects.first()
    if newest is not None and newest.generation >= generation:
        return None
    text = export_text()
    if read_generation() != generation:
        return None  # whatever changed it calls us again
    before = newest.text if newest is not None else ""
    if newest is not None and text == before:
        return None
    old, new = Counter(before.splitlines()), Counter(text.splitlines())
    version = ConfigurationVersion(
        generation=generation,
        moment=clock.now(),
        added=(new - old).total(),
        removed=(old - new).total(),
    )
    version.text = text
    try:
        version.save()
    except IntegrityError:  # another worker was faster
        return None
    return version


def _keep(_: Snapshot) -> None:
    try:
        keep_version()
    except ConfigurationChanged:
        log.info("the configuration changes too fast to be kept; the next one will be")
