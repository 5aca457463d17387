"""A message cut into its header and its body, and put together again."""

from collections.abc import Iterable
from dataclasses import dataclass

from mail.mime.headers import HeaderBlock, starts_header_section

REMARK = "X-Moxsite-Sendmail-"
"""How the names of the fields begin that say why a message was kept."""

_NOT_SENT = ("bcc", "resent-bcc", "return-path")
"""Who shall not be seen, and what only the last server may write (RFC 5322 section 3.6.3, RFC 5321 4.4)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`header` has the fields, all with their line ends; `body` is what follows the blank line."""

    header: HeaderBlock
    body: bytes

    def without(self, *names: str) -> "Letter":
        """The letter without all fields of these names."""
        return Letter(HeaderBlock.parse(self.header.without(names)), self.body)

    def sendable(self, added: Iterable[bytes]) -> bytes:
        """The bytes to send: the fields `added` in front, those that nobody shall see left out."""
        return b"".join([*added, self.header.without(_is_not_sent), b"\r\n", self.body])

    def __bytes__(self) -> bytes:
        return bytes(self.header) + b"\r\n" + self.body


def read_letter(message: bytes) -> Letter:
    """Cut a message whose lines end in CR LF.

    The header ends at a blank line, or before the first line that is no field: scripts forget the blank
    line. The "From " line of a mailbox file, which some programs leave at the start, is dropped.
    """
    fields: list[bytes] = []
    position = 0
    while position < len(message):
        end = message.find(b"\n", position) + 1 or len(message)
        line = message[position:end]
        if line == b"\r\n":
            position = end
            break
        is_envelope_line = position == 0 and line.startswith(b"From ")
        if fields and line.startswith((b" ", b"\t")):
            fields[-1] += line
        elif not is_envelope_line:
            if not starts_header_section(line) or line.startswith((b"From ", b">From ")):
                break
            fields.append(line)
        position = end
    return Letter(HeaderBlock.parse(b"".join(fields)), message[position:])


def _is_not_sent(name: str, value: bytes) -> bool:
    return name in _NOT_SENT or name.startswith(REMARK.lower())
