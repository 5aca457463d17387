"""The commands that carry no mail: EHLO and its like."""
# aiosmtpd names the methods of commands after their verbs.
# ruff: noqa: N802, N815

import logging
import re

from aiosmtpd.smtp import syntax

from delivery.smtp.server.answers import format_lines
from delivery.smtp.server.conversation import Conversation
from mail.addresses.domain import AddressError
from mail.addresses.literal import normalise_literal
from mail.errors import MailError

log = logging.getLogger(__name__)

_ANY_NAME = re.compile(r"[!-~\u0080-\U0010ffff]{1,255}")
"""What mail programs of users may call themselves: some say a bare address or the name of the owner."""
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""What servers call themselves; underscores are no host names, and common."""


class Greetings(Conversation):
    """EHLO, HELO, NOOP, RSET, VRFY, EXPN, HELP, QUIT (RFC 5321 section 4.1.1)."""

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str | None) -> None:
        """What the server can do. Replies to EHLO and HELO have no enhanced code (RFC 2034 section 3)."""
        self._meet(hostname)
        self.info.extended = True
        self.write(format_lines(250, [self.environment.hostname, *self.keywords()]))

    @syntax("HELO hostname")
    async def smtp_HELO(self, hostname: str | None) -> None:
        """The greeting of clients without extensions."""
        self._meet(hostname)
        self.info.extended = False
        self.reply(250, "", self.environment.hostname)

    @syntax("NOOP")
    async def smtp_NOOP(self, arg: str | None) -> None:
        """Nothing, whatever the argument."""
        self.reply(250, "2.0.0", "ok")

    @syntax("RSET")
    async def smtp_RSET(self, arg: str | None) -> None:
        """Forget the transaction."""
        self.refuse_argument(arg)
        self.drop_transaction()
        self.reply(250, "2.0.0", "ok")

    @syntax("VRFY address")
    async def smtp_VRFY(self, arg: str | None) -> None:
        """Tells nothing about who exists (RFC 5321 section 7.3)."""
        if arg is None:
            raise MailError(501, "5.5.4", "VRFY needs an address")
        self.reply(252, "2.0.0", "not verified; send mail and see")

    async def smtp_EXPN(self, arg: str | None) -> None:
        """Lists are not shown."""
        raise MailError(502, "5.5.1", "EXPN is not implemented")

    @syntax("HELP [command]")
    async def smtp_HELP(self, arg: str | None) -> None:
        """The commands, or the form of one."""
        forms = {
            name.decode(): getattr(command, "__smtp_syntax__", None)
            for name, command in self.commands.items()
        }
        form = forms.get((arg or "").upper())
        text = f"form: {form}" if form else "commands: " + " ".join(name for name in forms if forms[name])
        self.reply(214, "2.0.0", text)

    @syntax("QUIT")
    async def smtp_QUIT(self, arg: str | None) -> None:
        """The end."""
        self.end_session(221, "2.0.0", "bye")

    async def smtp_PROXY(self, arg: str | None) -> None:
        """What a proxy begins with, and this one is not trusted: nobody behind it could be told apart."""
        log.warning("PROXY header of a peer that is not trusted", extra={"fields": self.fields()})
        self.end_session(500, "5.5.1", "no PROXY protocol is expected from your address")

    async def smtp_POST(self, arg: str | None) -> None:
        """HTTP: a web page makes its visitor's browser send it, and commands may stand in what follows."""
        log.info("HTTP on a port for mail", extra={"fields": self.fields()})
        self.end_session(500, "5.5.1", "this is no web server")

    smtp_GET = smtp_PUT = smtp_CONNECT = smtp_POST

    def keywords(self) -> list[str]:
        """The lines of the EHLO reply after the first."""
        size = self.limits.message_size
        return ["PIPELINING", f"SIZE {size}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "HELP"]

    def require_greeting(self) -> None:
        """Raises MailError before EHLO or HELO."""
        if not self.info.ehlo_name:
            raise MailError(503, "5.5.1", "say EHLO first")

    @staticmethod
    def refuse_argument(arg: str | None) -> None:
        """For commands without argument. Raises MailError."""
        if arg is not None:
            raise MailError(501, "5.5.4", "no argument is allowed here")

    def _meet(self, hostname: str | None) -> None:
        if hostname is None or not self._may_be_called(hostname):
            raise MailError(501, "", "EHLO and HELO need the name of your host")
        self.drop_transaction()
        self.info.ehlo_name = hostname

    def _may_be_called(self, name: str) -> bool:
        if self.info.service.is_submission:
            return _ANY_NAME.fullmatch(name) is not None
        return _HOST_NAME.fullmatch(name) is not None or _is_literal(name)


def _is_literal(name: str) -> bool:
    try:
        return bool(normalise_literal(name))
    except AddressError:
        return False
