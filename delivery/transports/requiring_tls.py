"""Messages that demand TLS all the way (REQUIRETLS, RFC 8689)."""

from dataclasses import replace

from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.requirements import requiretls_unmet
from delivery.smtp.client.results import Outcome
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.group import Group, RecipientKey
from delivery.transports.policies import REQUIRED
from delivery.transports.undelivered import Undelivered

_UNMET = "4.7.30"


def demanding(group: Group) -> Group:
    """The group with the demand in its messages too, where a transaction heeds it."""
    if not any(mail.tls_demand == REQUIRED for mail in group.mails):
        return group
    mails = [
        replace(mail, message=replace(mail.message, require_tls=True))
        if mail.tls_demand == REQUIRED
        else mail
        for mail in group.mails
    ]
    return Group(tuple(mails))


def refused_by_relay(group: Group, tls: TlsPolicy) -> DeliveryFailure | None:
    """Why a relay can't get the group, None when it can: its certificate must be verified.

    Permanent: as long as the transport is configured like this, nothing changes.
    """
    verified = tls.verify and tls.mode in (TlsMode.IMMEDIATE, TlsMode.REQUIRED)
    if verified or not any(mail.tls_demand == REQUIRED for mail in group.mails):
        return None
    text = "REQUIRETLS is demanded, but this transport does not verify the relay's certificate"
    return requiretls_unmet(text, Stage.CONNECT, permanent=True)


class RequiringTls:
    """Whether a demand fails for good: only if every host of a destination failed for its sake."""

    def __init__(self, undelivered: Undelivered, tls_demand: str) -> None:
        self._undelivered = undelivered
        self._wanted = tls_demand == REQUIRED
        self._otherwise: set[RecipientKey] = set()
        """Recipients that some host failed to take for another reason."""

    def note_host(self) -> None:
        """Look at what the last host said to those who still wait."""
        if self._wanted:
            results = self._undelivered.result().results
            self._otherwise |= {
                key for key in self._waiting() if results[key].remote or results[key].reply.enhanced != _UNMET
            }

    def conclude(self) -> None:
        """After the last host: give up what no host can take."""
        if not self._wanted:
            return
        results = self._undelivered.result().results
        for mail in self._undelivered.mails():
            given_up = [
                replace(
                    result,
                    outcome=Outcome.PERMANENT,
                    reply=replace(result.reply, code=554, enhanced="5.7.30"),
                )
                for recipient in self._undelivered.recipients(mail)
                if (result := results[mail.key, recipient]).reply.enhanced == _UNMET
                and (mail.key, recipient) not in self._otherwise
            ]
            self._undelivered.note(mail, given_up)

    def _waiting(self) -> list[RecipientKey]:
        undelivered = self._undelivered
        return [(mail.key, each) for mail in undelivered.mails() for each in undelivered.recipients(mail)]
