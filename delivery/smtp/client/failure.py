"""Why a message did not get through a session: at which step, by whose word, and for how long."""

from enum import StrEnum

from mail.errors import MailError, Reply


class Stage(StrEnum):
    """The steps from a host name to the server's responsibility for the message, in order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"


class DeliveryFailure(MailError):
    """A step failed, and with it what depends on it.

    `remote` says that the reply is the server's own; otherwise we made it. `temporary` says whether trying
    later makes sense; it follows the reply code unless given.
    """

    def __init__(
        self, stage: Stage, reply: Reply, *, remote: bool, temporary: bool | None = None, cause: str = ""
    ) -> None:
        super().__init__(reply.code, reply.enhanced, reply.text, cause=cause)
        self.stage = stage
        self.remote = remote
        self.ip = ""
        """The address of the server, once it is known."""
        self.dual_stack = False
        """Whether the host has addresses of both families, of which this is one."""
        self.policy = ""
        """What TLS had to be, once that is known; as ConnectionFacts has it."""
        self.temporary = not reply.is_permanent if temporary is None else temporary

    @property
    def is_permanent(self) -> bool:
        """Whether trying later is pointless."""
        return not self.temporary

    def as_temporary(self) -> "DeliveryFailure":
        """The same failure, to be tried again later whatever the server's code says."""
        copy = DeliveryFailure(self.stage, self.public, remote=self.remote, temporary=True, cause=self.cause)
        copy.take_place_from(self)
        return copy

    def take_place_from(self, other: "DeliveryFailure") -> None:
        """Where `other` happened is where this happened."""
        self.ip, self.dual_stack, self.policy = other.ip, other.dual_stack, other.policy


def refused(stage: Stage, reply: Reply) -> DeliveryFailure:
    """The server answered a step with anything but what it needs.

    A code that can't follow this step means that the two sides are out of step, which is temporary.
    """
    if reply.code >= 400:
        return DeliveryFailure(stage, reply, remote=True)
    text = f"the server answered {reply.code} where that makes no sense"
    return DeliveryFailure(stage, Reply(451, "4.5.0", text), remote=False, cause=str(reply))


def local_failure(stage: Stage, code: int, enhanced: str, text: str, *, cause: str = "") -> DeliveryFailure:
    """A failure on this side or on the way: the server has not said anything about it."""
    return DeliveryFailure(stage, Reply(code, enhanced, text), remote=False, cause=cause)
