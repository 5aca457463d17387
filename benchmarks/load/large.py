"""A server of large answers and for large requests: a GET gets as many bytes as its path ends with.

python -m benchmarks.load.large
"""

import asyncio
import contextlib
from typing import Final

from mail.process.eventloop import new_event_loop

_PIECE: Final = bytes(256 * 1024)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            await _answer_one(reader, writer)
    writer.close()


async def _answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    method, path, _ = head.split(b" ", 2)
    left = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or b"0")
    while left:
        left -= len(await reader.read(min(left, 1 << 20)))
    size = int(path.rpartition(b"/")[2]) if method == b"get" else 0
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    while size > 0:
        writer.write(_PIECE[:size])
        size -= len(_PIECE)
        await writer.drain()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve())
