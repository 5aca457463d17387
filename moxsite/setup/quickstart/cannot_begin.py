"""Why an installation is not begun."""


class CannotBegin(Exception):
    """Quickstart ends before it has written anything. The text says why and what to do."""
