"""Memory of fifty contents of 10 MB each that are written, then read, at the same time."""

import asyncio
import threading

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from mail.store import readers
from mail.store.accept import AcceptMessage, NewContent
from mail.store.contents import read_chunk
from mail.store.layout import chunk_count
from mail.store.spool import ContentSpool
from tests.world.letters import summary_of, to_inbox
from tests.world.world import World

CONTENTS = 50
PIECE = bytes(range(256)) * 256
PIECES = 160


def main() -> None:
    """Print by how much this process grew."""
    head("database", "growth while writing, MB", "growth while reading, MB")
    for kind in KINDS:
        try:
            with fresh_world(kind) as world:
                _measure(kind, world)
        except LookupError as error:
            row(kind, f"not measured: {error}")


def _measure(kind: str, world: World) -> None:
    world.writer.submit(
        AcceptMessage(_finished(ContentSpool(world.writer)), (to_inbox(world.alice),))
    ).result()
    readers.run(threading.get_ident).result()
    before = _peak()
    ids = asyncio.run(_write_all(world))
    written = _peak()
    asyncio.run(_read_all(ids))
    row(kind, f"{written - before:.1f}", f"{_peak() - written:.1f}")


async def _write_all(world: World) -> list[int]:
    return list(await asyncio.gather(*(_write(world) for _ in range(CONTENTS))))


async def _write(world: World) -> int:
    spool = ContentSpool(world.writer)
    for _ in range(PIECES):
        pending = spool.write(PIECE)
        if pending is not None:
            await spool.drain()
        await asyncio.sleep(0)
    write = AcceptMessage(_finished(spool), (to_inbox(world.alice),))
    accepted = await asyncio.wrap_future(world.writer.submit(write))
    return int(accepted.content_id)


def _finished(spool: ContentSpool) -> NewContent:
    return spool.finish(summary_of(b"Subject: large\r\n\r\n"), b"")


async def _read_all(ids: list[int]) -> None:
    await asyncio.gather(*(_read(content) for content in ids))


async def _read(content: int) -> None:
    for position in range(chunk_count(PIECES * len(PIECE))):
        assert await asyncio.wrap_future(readers.run(read_chunk, content, position))


def _peak() -> float:
    """The most memory this process has had so far, in MB (proc(5))."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1000


if __name__ == "__main__":
    main()
