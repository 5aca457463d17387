"""Bringing in 20 000 and 200 000 small messages: whether the rate and the memory stay, how long the reveal
takes, also into a mailbox that is there; then indexing and searching them. Takes ten minutes and more."""

import tempfile
import time
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from benchmarks.importing import bring_in, print_head, print_row
from benchmarks.mbox_generator import write_mbox
from mail.search.finding import Search
from mail.search.indexing import index_new_messages
from mail.search.query import parse_query
from tests.world.world import World

FEW, MANY = 20_000, 200_000
_MEDIAN = 1024
_QUERIES = (
    "boats",
    "subject:rent",
    "from:user7",
    "rent before:2022-01-01",
    "is:starred",
    "is:unread",
    "nothing",
)


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        write_mbox(few, FEW, _MEDIAN)
        write_mbox(many, MANY, _MEDIAN)
        for kind in KINDS:
            try:
                with fresh_world(kind) as world:
                    _measure(kind, world, few, many)
            except LookupError as error:
                row(kind, f"not measured: {error}")


def _measure(kind: str, world: World, few: Path, many: Path) -> None:
    print_head()
    print_row(f"{kind}, {FEW}, new mailbox", bring_in(world, world.bob, few))
    print_row(
        f"{kind}, {MANY}, new mailbox", bring_in(world, world.account("carol", world.example_org), many)
    )
    print_row(f"{kind}, {MANY}, the Inbox", bring_in(world, world.alice, many, "Inbox"))
    print()
    _search(kind, world)


def _search(kind: str, world: World) -> None:
    started = time.perf_counter()
    indexed = 0
    while count := index_new_messages(world.writer):
        indexed += count
    head(f"{kind}: search", "ms, best of three")
    row("messages indexed a second", f"{indexed / (time.perf_counter() - started):,.0f}")
    for text in _QUERIES:
        row(text, f"{min(_once(world, text) for _ in range(3)) * 1000:,.1f}")


def _once(world: World, text: str) -> float:
    started = time.perf_counter()
    Search(world.alice, parse_query(text)).newest(51)
    return time.perf_counter() - started
