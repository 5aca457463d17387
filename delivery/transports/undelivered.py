"""The recipients of a group that still look for a server, and the latest result of each."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult, failed
from delivery.transports.group import Group, GroupResult, HostTry, Mail, RecipientKey, Settled


class Undelivered:
    """Shrinks as recipients are delivered to or refused for good."""

    def __init__(self, group: Group, settled: Settled | None) -> None:
        self._mails = {mail.key: mail for mail in group.mails}
        # A dictionary for its order; a recipient named twice in a mail is one recipient.
        self._open: dict[int, dict[str, None]] = {
            mail.key: dict.fromkeys(mail.recipients) for mail in group.mails
        }
        self._results: dict[RecipientKey, RecipientResult] = {}
        self._tries: list[HostTry] = []
        self._settled = settled

    def __bool__(self) -> bool:
        return any(self._open.values())

    def mails(self) -> list[Mail]:
        """The mails with open recipients."""
        return [self._mails[key] for key, recipients in self._open.items() if recipients]

    def recipients(self, mail: Mail) -> list[str]:
        """The open recipients of a mail."""
        return list(self._open[mail.key])

    def earlier(self, host: str) -> Sequence[str]:
        """The addresses of a host that took a connection in earlier attempts, the last one last.

        Mails of one group share a connection; the one that has been there most often decides.
        """
        return max((mail.earlier.get(host, ()) for mail in self.mails()), key=len, default=())

    def note(self, mail: Mail, results: Sequence[RecipientResult]) -> "Future[Any] | None":
        """Take the results of a transaction; give what is done when those that settle something are on disk.

        What a server took or refused for good is settled. A refusal that was only concluded here, from what
        the server announces, concerns that server: another one may take the message.
        """
        done: dict[RecipientKey, RecipientResult] = {}
        for result in results:
            key = (mail.key, result.address)
            self._results[key] = result
            permanent = result.outcome is Outcome.PERMANENT and result.remote
            if permanent or result.outcome is Outcome.DELIVERED:
                done[key] = result
        return self._settle(done)

    def fail(
        self, failure: DeliveryFailure, facts: ConnectionFacts | None = None, *, spare_first: bool = False
    ) -> None:
        """Take a failure that concerns all open recipients. A permanent one settles them.

        With `spare_first` it is temporary for mails at their first attempt.
        """
        done: dict[RecipientKey, RecipientResult] = {}
        for key, recipients in self._open.items():
            spared = spare_first and self._mails[key].attempt == 1
            its_failure = failure.as_temporary() if spared else failure
            for recipient in recipients:
                result = failed(recipient, its_failure, facts)
                self._results[key, recipient] = result
                if not its_failure.temporary:
                    done[key, recipient] = result
        self._settle(done)

    def tried(self, host_try: HostTry) -> None:
        """Note a host for the timeline."""
        self._tries.append(host_try)

    def unknown_outcome(self, mail: Mail) -> list[str]:
        """Take out the recipients whose message the server may or may not have taken.

        They are tried again later, not at the next host at once: that would double more mail than it helps.
        """
        return list(self._open.pop(mail.key, {}))

    def result(self) -> GroupResult:
        """The latest result of every recipient."""
        return GroupResult(dict(self._results), tuple(self._tries))

    def _settle(self, done: dict[RecipientKey, RecipientResult]) -> "Future[Any] | None":
        for key, recipient in done:
            del self._open[key][recipient]
        if not done or self._settled is None:
            return None
        return self._settled(GroupResult(done, tuple(self._tries)))
