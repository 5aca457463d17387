"""Running imports for a measurement: ours in a process of its own beside small commits, and doveadm's."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import head, row
from mail.models import Account, Flag
from mail.store.flags import SetFlags
from tests.world.letters import accept_letter, letter
from tests.world.world import World

_PAUSE_SECONDS = 0.02
_UNPRIVILEGED = 65534  # Dovecot keeps no mail of root
_DOVECOT = """\
mail_location = maildir:{home}/Maildir
mail_home = {home}
base_dir = {home}/run
ssl = no
log_path = /dev/stderr
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took. Seconds, bytes, MB; `wait` is the longest that a small commit beside it took."""

    messages: int
    bytes: int
    seconds: float
    processor: float
    memory: float = 0.0
    first: float = 0.0
    reveal: float = 0.0
    wait: float = 0.0


def print_head() -> None:
    """The columns of `print_row`."""
    head(
        "",
        "messages a second",
        "MB a second",
        "processor, µs a message",
        "memory, MB",
        "first progress, s",
        "reveal, s",
        "longest wait of another writer, ms",
    )


def print_row(name: str, done: Imported) -> None:
    """One import."""
    row(
        name,
        f"{done.messages / done.seconds:,.0f}",
        f"{done.bytes / done.seconds / 1e6:,.0f}",
        f"{done.processor / done.messages * 1e6:,.0f}",
        f"{done.memory:,.0f}" if done.memory else "",
        f"{done.first:.2f}" if done.first else "",
        f"{done.reveal:.2f}" if done.reveal else "",
        f"{done.wait * 1000:,.0f}" if done.wait else "",
    )


def bring_in(world: World, account: Account, source: Path, mailbox: str = "") -> Imported:
    """Import the source while bob's mail is marked fifty times a second."""
    with _small_commits(world) as waits:
        command = [sys.executable, "-m", "benchmarks.import_run", str(account.pk), str(source)]
        command += [mailbox] if mailbox else []
        child = subprocess.run(command, env=world.child_environment(), stdout=subprocess.PIPE, check=True)
    return Imported(**json.loads(child.stdout), wait=max(waits))


@contextmanager
def _small_commits(world: World) -> Iterator[list[float]]:
    world.writer.submit(accept_letter(letter(), world.bob)).result()
    mailbox, account = world.inbox(world.bob).pk, world.bob.pk
    waits: list[float] = [0.0]
    ending = threading.Event()

    def commit() -> None:
        marked = False
        while not ending.wait(_PAUSE_SECONDS):
            marked = not marked
            seen, unseen = (Flag.SEEN, Flag(0)) if marked else (Flag(0), Flag.SEEN)
            started = time.perf_counter()
            world.writer.submit(SetFlags(account, mailbox, (1,), add=seen, remove=unseen)).result()
            waits.append(time.perf_counter() - started)

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        yield waits
    finally:
        ending.set()
        thread.join()


def doveadm_import(source: Path, kind: str, messages: int) -> Imported:
    """`doveadm import` into a Maildir. Raises LookupError where there is no Dovecot."""
    if shutil.which("doveadm") is None:
        raise LookupError("doveadm is not installed")
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (_UNPRIVILEGED, _UNPRIVILEGED)
        config = home / "dovecot.conf"
        config.write_text(_DOVECOT.format(home=home, uid=uid, gid=gid))
        theirs = home / "source"  # it writes indexes beside what it reads
        subprocess.run(["cp", "-r", str(source), str(theirs)], check=True)
        if kind == "mbox":
            (home / "mail").mkdir()
            location = f"mbox:{home}/mail:INBOX={theirs}"
        else:
            location = f"maildir:{theirs}"
        subprocess.run(["chown", "-R", f"{uid}:{gid}", str(home)], check=True)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            ["doveadm", "-c", str(config), "import", location, "", "ALL"],
            check=True,
            cwd=home,
            env={"USER": "alice", "HOME": str(home), "PATH": os.defpath},
        )
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        kept = [
            file for file in (home / "Maildir").rglob("*") if "/cur/" in str(file) or "/new/" in str(file)
        ]
        assert len(kept) == messages, len(kept)
        return Imported(messages, sum(file.stat().st_size for file in kept), seconds, processor)
    finally:
        shutil.rmtree(home)
