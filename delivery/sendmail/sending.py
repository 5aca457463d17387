"""Handing a submission to the mail server, and what it answered for each recipient."""

import asyncio
import socket
from dataclasses import dataclass

from delivery.sendmail.configuration import Configuration
from delivery.sendmail.exit_status import ExitStatus, status_of
from delivery.sendmail.submission import Submission
from delivery.smtp.client.connect import connect
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.smtp.client.session import Greeter, Session, leave, open_session
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.tls import load_trust
from delivery.smtp.client.transaction import send_message
from delivery.smtp.client.transcript import Observer
from mail.errors import Reply
from mail.tls.errors import CertificateError

TOTAL_SECONDS = 180.0
"""For everything with a small message; callers such as cron wait that long."""

BYTES_PER_SECOND = 32 * 1024
"""A large message gets its time on a slow line besides."""

_TIMEOUTS = Timeouts(setup=60.0, greeting=60.0, command=60.0, handshake=30.0, data=60.0, end=150.0)


@dataclass(frozen=True, slots=True)
class Failed:
    """A recipient that the server did not take the message for, and what that means for the caller."""

    recipient: str
    reply: Reply
    status: ExitStatus


def send(submission: Submission, configuration: Configuration, observer: Observer | None) -> list[Failed]:
    """Send the message; the recipients that did not get it. `observer` sees the conversation."""
    recipients = [str(address) for address in submission.recipients.addresses]
    sending = _Sending(submission, configuration, observer, recipients)
    asyncio.run(sending.run())
    return [sending.failed[recipient] for recipient in recipients if recipient in sending.failed]


class _Sending:
    """Until a recipient has a result, it counts as one that could not be tried in time."""

    def __init__(
        self,
        submission: Submission,
        configuration: Configuration,
        observer: Observer | None,
        recipients: list[str],
    ) -> None:
        self._submission = submission
        self._configuration = configuration
        self._observer = observer
        self._waiting = recipients
        self.failed: dict[str, Failed] = {}

    async def run(self) -> None:
        """Connect and send, within the time there is."""
        seconds = TOTAL_SECONDS + len(self._submission.content) / BYTES_PER_SECOND
        try:
            async with asyncio.timeout(seconds):
                session = await self._open()
                try:
                    await self._transactions(session)
                finally:
                    await _goodbye(session)
        except TimeoutError:
            text = f"the mail server took longer than {seconds:.0f} s"
            self._fail_waiting(Reply(451, "4.4.7", text), ExitStatus.TEMPFAIL)
        except DeliveryFailure as failure:
            self._fail_waiting(failure.public, status_of(failure.stage, failure.public))

    async def _transactions(self, session: Session) -> None:
        message = self._submission.outgoing(smtputf8_offered=session.extensions.smtputf8)
        while self._waiting and session.usable:
            result = await send_message(session, message, self._waiting, require_eight_bit=True)
            again = [each.address for each in result.recipients if each.outcome is Outcome.AGAIN]
            if len(again) == len(self._waiting) or not result.usable:
                again = []
            for each in result.recipients:
                if each.address not in again and each.outcome is not Outcome.DELIVERED:
                    self.failed[each.address] = _failed(each)
            self._waiting = again

    async def _open(self) -> Session:
        configuration = self._configuration
        credentials = None
        if configuration.username:
            mechanisms = (configuration.auth_method,) if configuration.auth_method else ()
            credentials = Credentials(configuration.username, configuration.password, mechanisms)
        try:
            trust = load_trust(configuration.ca_file or None)
        except CertificateError as error:
            raise local_failure(Stage.TLS, 454, "4.7.5", str(error)) from error
        greeter = Greeter(configuration.hostname, configuration.tls, trust, credentials, _TIMEOUTS)
        connection, ip = await self._connect()
        return await open_session(connection, configuration.host, ip, configuration.port, greeter)

    async def _connect(self) -> tuple[Connection, str]:
        """A connection to the first address that answers."""
        host, port = self._configuration.host, self._configuration.port
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            temporary = error.errno == socket.EAI_AGAIN
            code, enhanced = (451, "4.4.3") if temporary else (550, "5.4.4")
            text = f"the address of {host} can't be found"
            raise local_failure(Stage.RESOLVE, code, enhanced, text, cause=str(error)) from error
        ips = list(dict.fromkeys(str(each[4][0]) for each in found))
        for ip in ips[:-1]:
            try:
                return await self._connect_to(ip), ip
            except DeliveryFailure:
                continue
        return await self._connect_to(ips[-1]), ips[-1]

    async def _connect_to(self, ip: str) -> Connection:
        return await connect(ip, self._configuration.port, seconds=_TIMEOUTS.connect, observer=self._observer)

    def _fail_waiting(self, reply: Reply, status: ExitStatus) -> None:
        for recipient in self._waiting:
            self.failed.setdefault(recipient, Failed(recipient, reply, status))


async def _goodbye(session: Session) -> None:
    """Say QUIT and wait for the answer: with the end of the program the connection is cut."""
    if not session.usable:
        leave(session)
        return
    session.connection.write_line("QUIT")
    try:
        await session.connection.reply(Stage.END, session.timeouts.quit)
    except DeliveryFailure:
        session.connection.abort()
    else:
        session.connection.close()
    await asyncio.sleep(0)


def _failed(result: RecipientResult) -> Failed:
    return Failed(result.address, result.reply, status_of(result.stage, result.reply))
