"""MD5 that can be stopped after a block and continued from the stored state (RFC 1321).

CRAM-MD5 stores such states instead of the password; hashlib gives no access to them. For this purpose
only: it is slow, and MD5 protects nothing else.
"""

import math
import struct
from typing import Final

BLOCK: Final = 64
"""Octets of a block."""

STATE_LENGTH: Final = 16

_INITIAL: Final = bytes.fromhex("0123456789abcdeffedcba9876543210")
_MASK: Final = 0xFFFFFFFF
_SINES: Final = tuple(int(abs(math.sin(step + 1)) * 2**32) for step in range(64))
_ROTATIONS: Final = (7, 12, 17, 22) * 4 + (5, 9, 14, 20) * 4 + (4, 11, 16, 23) * 4 + (6, 10, 15, 21) * 4


def state_after(block: bytes) -> bytes:
    """The state after one whole block at the start of the message."""
    return _compress(_INITIAL, block)


def finish(state: bytes, data: bytes, *, done: int = BLOCK) -> bytes:
    """The MD5 digest of the message whose first `done` octets (whole blocks) led to `state`, then `data`."""
    padding = b"\x80" + bytes((-len(data) - 9) % BLOCK)
    padded = data + padding + struct.pack("<Q", (done + len(data)) * 8)
    for start in range(0, len(padded), BLOCK):
        state = _compress(state, padded[start : start + BLOCK])
    return state


def _compress(state: bytes, block: bytes) -> bytes:
    """One round of the compression function (RFC 1321 section 3.4)."""
    words = struct.unpack("<16I", block)
    start = struct.unpack("<4I", state)
    a, b, c, d = start
    for step in range(64):
        if step < 16:
            mixed, word = (b & c) | (~b & d), step
        elif step < 32:
            mixed, word = (d & b) | (~d & c), (5 * step + 1) % 16
        elif step < 48:
            mixed, word = b ^ c ^ d, (3 * step + 5) % 16
        else:
            mixed, word = c ^ (b | (~d & _MASK)), (7 * step) % 16
        total = (a + mixed + words[word] + _SINES[step]) & _MASK
        rotation = _ROTATIONS[step]
        rotated = (total << rotation | total >> (32 - rotation)) & _MASK
        a, b, c, d = d, (b + rotated) & _MASK, b, c
    return struct.pack("<4I", *((old + new) & _MASK for old, new in zip(start, (a, b, c, d), strict=True)))
