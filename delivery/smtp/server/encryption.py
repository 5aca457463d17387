"""STARTTLS (RFC 3207)."""
# ruff: noqa: N802

from aiosmtpd.smtp import syntax

from delivery.smtp.server.greetings import Greetings
from mail.errors import MailError


class Encryption(Greetings):
    """Offers TLS as long as there is none."""

    @syntax("STARTTLS")
    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """After the handshake everything before it is forgotten (RFC 3207 section 4.2)."""
        self.refuse_argument(arg)
        if self.info.tls is not None:
            raise MailError(503, "5.5.1", "TLS is active already")
        if self.environment.certificates is None:
            raise MailError(454, "4.7.0", "TLS is not available")
        if self.stream.has_input:
            # Commands sent in the clear by somebody on the way could otherwise seem to have come under TLS.
            self.end_session(554, "5.5.1", "nothing may follow STARTTLS before its reply")
        self.drop_transaction()
        self.reply(220, "2.0.0", "go ahead")
        self.stream.flush()
        await self.secure()
        self.info.ehlo_name = ""
        self.info.extended = False

    def keywords(self) -> list[str]:
        """With STARTTLS where it is possible."""
        offered = self.info.tls is None and self.environment.certificates is not None
        return super().keywords() + (["STARTTLS"] if offered else [])
