"""How a program that calls sendmail learns what happened: the exit statuses of sysexits.h."""

from enum import IntEnum

from delivery.smtp.client.failure import Stage
from mail.errors import Reply


class ExitStatus(IntEnum):
    """Of several the one that says most is chosen by `worst`."""

    OK = 0
    USAGE = 64
    """The command line can't be understood."""
    DATAERR = 65
    """The message or an address in it can't be used."""
    NOUSER = 67
    """A recipient does not exist."""
    NOHOST = 68
    """The server's name is unknown."""
    UNAVAILABLE = 69
    """The server refused for good."""
    SOFTWARE = 70
    """An error in this program."""
    TEMPFAIL = 75
    """Trying again later may help."""
    PROTOCOL = 76
    """TLS with the server is not possible or not to be trusted."""
    NOPERM = 77
    """The server refused the login."""
    CONFIG = 78
    """The configuration can't be used."""


_FROM_LEAST_TO_WORST = (
    ExitStatus.OK,
    ExitStatus.TEMPFAIL,
    ExitStatus.NOUSER,
    ExitStatus.DATAERR,
    ExitStatus.NOHOST,
    ExitStatus.UNAVAILABLE,
    ExitStatus.PROTOCOL,
    ExitStatus.NOPERM,
    ExitStatus.USAGE,
    ExitStatus.CONFIG,
    ExitStatus.SOFTWARE,
)


def worst(*statuses: ExitStatus) -> ExitStatus:
    """The status that says most about several recipients: what waiting does not mend comes first."""
    return max(statuses, key=_FROM_LEAST_TO_WORST.index, default=ExitStatus.OK)


def status_of(stage: Stage, reply: Reply) -> ExitStatus:
    """What a failure means for the caller.

    Trouble with TLS and the login has a status of its own even where its reply is temporary, unless it was
    only the connection that broke: it is an admin who has to do something.
    """
    lasting = reply.is_permanent or reply.enhanced[1:3] == ".7"
    if lasting and stage in (Stage.STARTTLS, Stage.TLS):
        return ExitStatus.PROTOCOL
    if lasting and stage is Stage.AUTH:
        return ExitStatus.NOPERM
    if not reply.is_permanent:
        return ExitStatus.TEMPFAIL
    if stage is Stage.RESOLVE:
        return ExitStatus.NOHOST
    if stage is Stage.RCPT and reply.enhanced[1:4] in ("", ".1."):
        return ExitStatus.NOUSER
    return ExitStatus.UNAVAILABLE
