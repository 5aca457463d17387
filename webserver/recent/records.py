"""The records of a ring: fields divided by tabs, in UTF-8. Pure."""

from dataclasses import dataclass
from typing import Final

from webserver.recent.ring import LONGEST_RECORD

_LONGEST_PATH: Final = 300


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered, and what was decided about it. `moment` by mail.clock."""

    id: str
    moment: int
    method: str
    scheme: str
    host: str
    target: str
    """Path and query as sent, percent-encoded; long ones are cut off."""
    client: str
    handler: str
    status: int
    reason: str

    def encode(self) -> bytes:
        """The record."""
        fields = (
            self.id, str(self.moment), self.method[:20], self.scheme, self.host[:255],
            self.target[:_LONGEST_PATH], self.client, self.handler[:80], str(self.status), self.reason,
        )  # fmt: skip
        return encode_fields(fields)


def decode_answered(record: bytes) -> Answered | None:
    """What `Answered.encode` wrote; None for anything else."""
    fields = record.decode("utf-8", "ignore").split("\t")
    if len(fields) != 10 or not fields[1].isdecimal() or not fields[8].isdecimal():
        return None
    found_id, moment, method, scheme, host, target, client, handler, status, reason = fields
    return Answered(found_id, int(moment), method, scheme, host, target, client, handler, int(status), reason)


def encode_fields(fields: tuple[str, ...]) -> bytes:
    """The fields with tabs in between; what is too long loses its end."""
    text = "\t".join(field.replace("\t", " ").replace("\n", " ") for field in fields)
    return text.encode("utf-8", "replace")[:LONGEST_RECORD]
