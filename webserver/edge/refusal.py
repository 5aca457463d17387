"""Requests that no server should answer as if they were right."""


class Refused(Exception):
    """A request that can't be served. `status` and `reason` are for the client; the connection closes."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class ClientGone(Exception):
    """The client has closed the connection before its answer was complete."""
