"""What a client is told when the store can't take a message."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error

from mail.errors import MailError
from mail.store.writer import WriterStopped


@contextmanager
def storage_failures() -> Iterator[None]:
    """Turn failures of the store into temporary refusals; refusals by the store pass as they are.

    The log has the details: the writer put them there.
    """
    try:
        yield
    except WriterStopped as error:
        raise MailError(451, "4.3.2", "the server is shutting down, try again later") from error
    except (Error, LookupError) as error:
        text = "the message can't be stored at the moment, try again later"
        raise MailError(451, "4.3.0", text, cause=str(error)) from error
