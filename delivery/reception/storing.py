"""What a client is told when the store can't take a message."""

from types import TracebackType

from django.db import Error

from mail.errors import MailError
from mail.store.writer import WriterStopped


class StorageFailures:
    """Inside a with block, failures of the store become temporary refusals; its own refusals pass.

    The log has the details: the writer put them there.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, WriterStopped):
            raise MailError(451, "4.3.2", "the server is shutting down, try again later") from error
        if isinstance(error, Error | LookupError):
            text = "the message can't be stored at the moment, try again later"
            raise MailError(451, "4.3.0", text, cause=str(error)) from error


storage_failures = StorageFailures()
