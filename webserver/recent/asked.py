"""What was asked for in the last 24 hours, as far as edge processes remember."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mail import clock
from webserver.recent.noting import ASKED
from webserver.recent.ring import read_ring
from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request, Scheme


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A URL without its query."""

    scheme: str
    host: str
    path: str

    def request(self) -> Request:
        """A GET for it."""
        scheme: Scheme = "https" if self.scheme == "https" else "http"
        name = f"[{self.host}]" if ":" in self.host else self.host
        return Request("GET", scheme, parse_host(name), clean_path(self.path))


def run_folder() -> Path:
    """Where edge processes keep their notes."""
    folder: Path = settings.DATA / "run" / "web"
    return folder


def asked_lately() -> list[AskedFor]:
    """Each URL once, sorted."""
    found: set[AskedFor] = set()
    since = clock.now() - clock.DAY
    for path in sorted(run_folder().glob(f"{ASKED}.*")):
        for record in read_ring(path):
            fields = record.decode("utf-8", "ignore").split("\t")
            if len(fields) == 4 and fields[0].isdecimal() and int(fields[0]) >= since:
                found.add(AskedFor(*fields[1:]))
    return sorted(found, key=lambda asked: (asked.host, asked.path, asked.scheme))
