"""Kind "fail": every attempt fails at once with a configured reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from delivery.smtp.client.failure import Stage, local_failure
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.settings import FieldProblem, InvalidSettings, SettingsReader
from delivery.transports.undelivered import Undelivered

DEFAULT_CODE = 554
DEFAULT_MESSAGE = "delivery by this transport is configured to fail"
LONGEST_MESSAGE = 256


@dataclass(frozen=True, slots=True)
class FailSettings:
    """The reply. A 4xx code is tried again on the usual schedule, a 5xx code is final."""

    smtp_code: int = DEFAULT_CODE
    smtp_message: str = DEFAULT_MESSAGE

    @classmethod
    def validate(cls, settings: Mapping[str, object]) -> list[FieldProblem]:
        """Everything that is wrong with the settings."""
        return _read(settings)[1]

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> Self:
        """Raises InvalidSettings."""
        (code, message), problems = _read(settings)
        if problems:
            raise InvalidSettings(problems)
        return cls(code, message)


def _read(settings: Mapping[str, object]) -> tuple[tuple[int, str], list[FieldProblem]]:
    reader = SettingsReader(settings)
    code = reader.integer("smtp_code", 400, 599, DEFAULT_CODE)
    message = reader.text("smtp_message", LONGEST_MESSAGE)
    if not message.isascii():
        reader.problem("smtp_message", "must be plain ASCII")
    reader.finish()
    return (code, message or DEFAULT_MESSAGE), reader.problems


async def deliver(settings: FailSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Fail for every recipient. No server is asked, so the reply is ours."""
    undelivered = Undelivered(group, context.settled)
    enhanced = f"{settings.smtp_code // 100}.7.0"
    undelivered.fail(local_failure(Stage.RESOLVE, settings.smtp_code, enhanced, settings.smtp_message))
    return undelivered.result()
