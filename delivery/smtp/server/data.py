"""Finding the end of a message in what follows DATA, and undoing dot-stuffing (RFC 5321 section 4.5.2)."""

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_LINE_END = b"\r\n"
_TAILS = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")
"""What may be the start of `_END` or `_STUFFED` at the end of a piece, longest first."""


class DataDecoder:
    """Takes the stream in pieces cut anywhere. Only CR LF is a line end, and only CR LF . CR LF is the end.

    A lone CR or LF stays in the content as it came and is reported: what another server takes for a line
    end must not hide a second message.
    """

    def __init__(self) -> None:
        # The command line before the content ended with CR LF, so a first line of "." is the end already.
        self._tail = _LINE_END
        self._unsent = len(_LINE_END)
        self.finished = False
        self.rest = b""
        """What followed the end: the next commands."""
        self.bare_cr = False
        self.bare_lf = False

    def feed(self, data: bytes) -> bytes:
        """Content that is complete with these bytes; may be empty. Not to be called once finished."""
        if self._tail:
            data = self._tail + data
        # One search for both: the end is also a dot at the start of a line, and most pieces have neither.
        dot = data.find(_STUFFED)
        end = data.find(_END, dot) if dot >= 0 else -1
        if end >= 0:
            self.finished = True
            self.rest = data[end + len(_END) :]
            content = data[: end + len(_LINE_END)]
        else:
            self._tail = next((tail for tail in _TAILS if data.endswith(tail)), b"")
            content = data[: len(data) - len(self._tail)] if self._tail else data
        if not content:
            return b""
        self._note_bare(content)
        if dot >= 0:
            content = content.replace(_STUFFED, _LINE_END)
        if self._unsent:
            content = content[self._unsent :]
            self._unsent = 0
        return content

    def _note_bare(self, content: bytes) -> None:
        if self.bare_cr and self.bare_lf:
            return
        pairs = content.count(_LINE_END)
        self.bare_cr = self.bare_cr or content.count(b"\r") != pairs
        self.bare_lf = self.bare_lf or content.count(b"\n") != pairs


def normalise_line_ends(content: bytes) -> bytes:
    """The content with every CR, LF and CR LF as CR LF. For pieces that end in no half of a CR LF."""
    if content.count(_LINE_END) == content.count(b"\n") == content.count(b"\r"):
        return content
    return content.replace(_LINE_END, b"\n").replace(b"\r", b"\n").replace(b"\n", _LINE_END)
