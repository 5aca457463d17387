"""The configuration of a running server changes while clients ask without a pause, over open connections."""

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.program.installation import Installation
from tests.program.running import Program, manage
from tests.world.waiting import wait_until

pytestmark = pytest.mark.long

FILES = """
[[web.handlers]]
name = "files"
domain = "files.example.org"
path = "^/"
dont_redirect_plain_http = true
static = {{ root = "{root}" }}
"""
ADDED = """
[[web.handlers]]
name = "added"
domain = "added.example.org"
path = "^/"
dont_redirect_plain_http = true
redirect = {{ base_url = "https://{change}.example" }}
"""
CHANGES = 3
CLIENTS = 4


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


@pytest.fixture
def serving(installation: Installation) -> Iterator[Program]:
    with installation.serve() as program:
        program.wait_for("msg=serving")
        yield program
        assert program.stop() == 0


class Asking:
    """Clients that ask for the same URL until they are stopped, so many that each edge process has some."""

    def __init__(self, port: int, host: str) -> None:
        self.change = 0
        """Which change was made last, as far as clients know."""
        self.answers: list[tuple[int, int, str | None]] = []
        """The change that had been made when the request was sent, and status and Location of its answer."""
        self._port, self._host = port, host
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def has_many_after(self, change: int) -> bool:
        """Whether there are answers to many requests that were sent when this change had been made."""
        return sum(asked >= change for asked, *_ in self.answers) > 50 * CLIENTS

    def stop(self) -> None:
        """When the questions that are under way are answered."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self._stopping.is_set():
            change = self.change
            try:
                connection.request("GET", "/a.txt", headers={"Host": self._host})
                answer = connection.getresponse()
                answer.read()
                self.answers.append((change, answer.status, answer.headers["Location"]))
            except (OSError, http.client.HTTPException):
                self.answers.append((change, 0, None))
        connection.close()


@contextmanager
def asking(installation: Installation, host: str) -> Iterator[Asking]:
    asked = Asking(80 + installation.offset, host)
    try:
        yield asked
    finally:
        asked.stop()


def apply(installation: Installation, file: Path, text: str) -> str:
    file.write_text(text)
    applied = manage(["config", "apply", str(file), "--yes"], installation.environment)
    assert applied.returncode == 0, applied
    return applied.stdout


def test_every_process_answers_by_what_was_applied_and_no_request_fails(
    installation: Installation, serving: Program, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a file")
    file, files = tmp_path / "config.toml", FILES.format(root=tmp_path)
    said = apply(installation, file, files)
    assert "Applied. The web uses it now; every other process follows within a second." in said
    with asking(installation, "files.example.org") as kept, asking(installation, "added.example.org") as new:
        wait_until(partial(new.has_many_after, 0), "there is nothing yet")
        for change in range(1, CHANGES + 1):
            apply(installation, file, files + ADDED.format(change=change))
            new.change = kept.change = change
            wait_until(partial(new.has_many_after, change), "requests after the change")
    assert Counter(status for _, status, _ in kept.answers) == {200: len(kept.answers)}
    assert {status for _, status, _ in new.answers} == {404, 308}
    early = [answer for answer in new.answers if held(answer[2]) < answer[0]]
    assert not early, f"{len(early)} of {len(new.answers)} were answered by an earlier configuration"


def held(location: str | None) -> int:
    """The change by which a request was answered; before the first there was no such website."""
    return int(location.partition("://")[2].partition(".")[0]) if location else 0
