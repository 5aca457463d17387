"""Django on a fresh database for a measurement, in this process and in those it starts."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_root = Path(tempfile.mkdtemp(prefix="moxsite-bench-"))
os.environ.setdefault("MOXSITE_DATA", str(_root / "data"))
os.environ.setdefault("MOXSITE_SECRET_KEY", "a secret for measurements, long enough to be taken")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")
Path(os.environ["MOXSITE_DATA"]).mkdir(mode=0o700, exist_ok=True)

import django  # noqa: E402

django.setup()

from tests.world.databases import Databases  # noqa: E402
from tests.world.world import World  # noqa: E402

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh_world(kind: str) -> Iterator[World]:
    """The cast of the tests on a database of its own. Raises LookupError where there is no such database."""
    databases = Databases(_root)
    reason = databases.missing(kind)
    if reason:
        raise LookupError(reason)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder,
            databases.fresh(kind, Path(folder)) as url,
        ):
            world = World(url, Path(folder))
            try:
                yield world
            finally:
                world.close()
    finally:
        databases.close()
        _root.mkdir(exist_ok=True)
