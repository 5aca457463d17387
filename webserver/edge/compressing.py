"""Compressing content, whole or as it comes."""

import gzip
import zlib
from typing import Protocol

import brotli

from mail.zstandard import zstd


class Compressor(Protocol):
    """Content that is compressed piece by piece."""

    def add(self, data: bytes) -> bytes:
        """What to send for this piece: all of it, so that nobody waits for the next one."""

    def end(self) -> bytes:
        """What to send at the end."""


def compress(encoding: str, data: bytes) -> bytes:
    """The whole content, at a level for what is kept and sent more than once. Not for event loops."""
    if encoding == "br":
        compressed: bytes = brotli.compress(data, quality=5)
        return compressed
    if encoding == "zstd":
        return zstd.compress(data, level=6)
    return gzip.compress(data, 6, mtime=0)


def compressor(encoding: str) -> Compressor:
    """For content that passes through once: fast rather than dense."""
    if encoding == "br":
        return _Brotli()
    return _Zstandard() if encoding == "zstd" else _Gzip()


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def add(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._stream.flush()


class _Zstandard:
    def __init__(self) -> None:
        self._stream = zstd.ZstdCompressor(level=1)

    def add(self, data: bytes) -> bytes:
        return self._stream.compress(data, mode=zstd.ZstdCompressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._stream.flush()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Compressor(quality=1)

    def add(self, data: bytes) -> bytes:
        piece: bytes = self._stream.process(data)
        rest: bytes = self._stream.flush()
        return piece + rest

    def end(self) -> bytes:
        last: bytes = self._stream.finish()
        return last
