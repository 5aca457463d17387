"""Lines on their way to standard error."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from webserver.accesslog import writer
from webserver.accesslog.writer import LineWriter


def test_lines_come_out_in_order_and_none_is_missing_at_the_end() -> None:
    reading, writing = os.pipe()
    lines = [f"line {number} {'x' * (number % 300)}\n" for number in range(5000)]
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(_read_all(reading)))
    reader.start()

    async def write() -> None:
        made = LineWriter(writing, asyncio.get_running_loop())
        for number, line in enumerate(lines):
            made.write(line)
            if number % 1000 == 0:
                await asyncio.sleep(writer.FLUSH_SECONDS)
        made.close()

    asyncio.run(write())
    os.close(writing)
    reader.join()
    assert got[0].decode() == "".join(lines)


def test_a_file_gets_the_same(tmp_path: Path) -> None:
    lines = [f"line {number} {'x' * 300}\n" for number in range(5000)]

    async def write(descriptor: int) -> None:
        made = LineWriter(descriptor, asyncio.get_running_loop())
        for line in lines:
            made.write(line)
        made.close()

    with open(tmp_path / "log", "wb") as file:
        asyncio.run(write(file.fileno()))
    assert (tmp_path / "log").read_text() == "".join(lines)


def test_a_reader_that_stops_holds_up_nobody_and_is_told_what_it_missed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 100_000)
    monkeypatch.setattr(writer, "CLOSE_SECONDS", 0.1)
    reading, writing = os.pipe()

    async def write() -> LineWriter:
        made = LineWriter(writing, asyncio.get_running_loop())
        for _ in range(2):
            for _ in range(1000):
                made.write("x" * 999 + "\n")
            await asyncio.sleep(writer.FLUSH_SECONDS * 2)
        return made

    made = asyncio.run(write())
    before = _read_some(reading)
    made.close()
    assert len(before) < 200_000
    assert "lines of the access log were lost" in caplog.text
    rest = threading.Thread(target=_read_all, args=(reading,))
    rest.start()
    made._thread.join()
    os.close(writing)
    rest.join()


def _read_all(descriptor: int) -> bytes:
    data = b""
    while piece := os.read(descriptor, 65536):
        data += piece
    os.close(descriptor)
    return data


def _read_some(descriptor: int) -> bytes:
    return os.read(descriptor, 1 << 20)
