"""The message as it comes in on standard input."""

from collections.abc import Iterable


def read_message(lines: Iterable[bytes], *, dot_is_text: bool) -> bytes:
    """All lines up to the end of the input, or to a line with a single dot unless that is text.

    Every line ends in CR LF, also where a lone LF or CR stood and where the last one had no end: what is
    looked at here is then exactly what the server gets to see.
    """
    taken: list[bytes] = []
    for line in lines:
        if not dot_is_text and line.rstrip(b"\r\n") == b"." and _starts_a_line(taken):
            break
        taken.append(line)
    message = b"".join(taken).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if message and not message.endswith(b"\n"):
        message += b"\n"
    return message.replace(b"\n", b"\r\n")


def _starts_a_line(taken: list[bytes]) -> bool:
    return not taken or taken[-1].endswith(b"\n")
