"""How long attempts took and what came of them, for the metrics: once for each message of a group."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from delivery.metrics import DELIVERY_SECONDS, attempt_label
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.smtp.client.tls import TlsMode
from delivery.transports.settings import TransportSettings
from delivery.transports.smarthost import SmarthostSettings
from mail import clock

# The words of our own failures (delivery.smtp.client): they carry no other mark of having been late.
_LATE = re.compile(r"\b(?:within|longer than) [0-9.e+]+ s$")
_IN_TRANSACTION = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END)


@dataclass(frozen=True, slots=True)
class _Noted:
    message_id: int
    attempt: int
    result: RecipientResult
    duration: int


class Measurements:
    """Collects results of one group and counts them at its end. Any thread may note one."""

    def __init__(self, transport: str, settings: TransportSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._noted: list[_Noted] = []

    def note(self, message_id: int, attempt: int, result: RecipientResult, duration: int) -> None:
        """One recipient's result, and the microseconds since its attempt began."""
        self._noted.append(_Noted(message_id, attempt, result, duration))

    def finish(self) -> None:
        """Count what was noted."""
        messages: dict[tuple[int, int], list[_Noted]] = {}
        for noted in self._noted:
            messages.setdefault((noted.message_id, noted.attempt), []).append(noted)
        self._noted.clear()
        for (_, attempt), noted_ones in messages.items():
            DELIVERY_SECONDS.observe(
                attempt_label(attempt),
                self._transport,
                tls_mode(self._settings, noted_ones[-1].result),
                result_label([noted.result for noted in noted_ones]),
                amount=max(noted.duration for noted in noted_ones) / clock.SECOND,
            )


def result_label(results: Iterable[RecipientResult]) -> str:
    """One word for all recipients of a message; of several failures the one that may pass."""
    labels = {_label(result) for result in results}
    if "ok" in labels:
        return "ok" if len(labels) == 1 else "okpartial"
    return next(label for label in ("error", "timeout", "temperror", "permerror") if label in labels)


def _label(result: RecipientResult) -> str:
    if result.outcome is Outcome.DELIVERED:
        return "ok"
    if not result.remote and result.reply.enhanced == "4.3.0":
        return "error"
    if not result.remote and _LATE.search(result.reply.text):
        return "timeout"
    return "permerror" if result.outcome is Outcome.PERMANENT else "temperror"


def tls_mode(settings: TransportSettings, result: RecipientResult) -> str:
    """The TLS mode of the connection that gave the result; without one, that of the transport."""
    if isinstance(settings, SmarthostSettings):
        return settings.tls.mode.value
    connection = result.connection
    if connection is None:
        stays_here = result.outcome is Outcome.DELIVERED
        return (TlsMode.NONE if stays_here else TlsMode.OPPORTUNISTIC).value
    policies = connection.policy.replace("mta-sts", "mtasts").split("+")
    demanding = [name for name in ("mtasts", "dane") if name in policies]
    if demanding or "required" in policies:
        return "+".join([TlsMode.REQUIRED.value, *demanding])
    if connection.tls is None and result.stage in _IN_TRANSACTION:
        return TlsMode.NONE.value
    return TlsMode.OPPORTUNISTIC.value
