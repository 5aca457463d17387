"""The standard library's module for Zstandard (RFC 8878), on every Python that moxsite runs on."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
