"""What a delivery status notification tells."""

from dataclasses import dataclass

from mail.clock import Moment
from mail.errors import Reply


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient and the latest that is known of it.

    `reply` is the server's own when `remote`, and then `host` is the server and `ip` its address, as far as
    they are known; otherwise it is our account of what went wrong, an administrator's or a rule's included.
    `gave_up` says that the failure is temporary but no attempt is left.
    """

    address: str
    reply: Reply
    remote: bool
    last_attempt: Moment
    host: str = ""
    gave_up: bool = False
    ip: str = ""

    @property
    def server(self) -> str:
        """The server for people and programs: its name with its address, or what there is of both."""
        if not self.host or self.host == self.ip:
            return f"[{self.ip}]" if self.ip else ""
        return f"{self.host} ({self.ip})" if self.ip else self.host


@dataclass(frozen=True, slots=True)
class Report:
    """A notification to `sender` (SMTP form) about one message of theirs.

    `host_name` is this server. `arrival` is when the message was accepted, `message_id` as it stands in its
    header, angle brackets included, or empty. `original_header` is the message or the start of it: only its
    header is used. `smtputf8` says that the message was internationalised (RFC 6531).
    """

    host_name: str
    sender: str
    recipients: tuple[ReportedRecipient, ...]
    arrival: Moment
    message_id: str
    original_header: bytes
    smtputf8: bool = False
    future_release: str = ""
    """When the sender wanted it to leave, as in "for;3600" (RFC 4865 section 6); empty for at once."""

    @property
    def international(self) -> bool:
        """Whether the notification takes the forms of RFC 6533, which carry UTF-8 unencoded."""
        addresses = (self.sender, *(recipient.address for recipient in self.recipients))
        return self.smtputf8 or not all(address.isascii() for address in addresses)
