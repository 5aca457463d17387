"""What can keep a backup from being made or restored."""


class BackupError(Exception):
    """A backup can't be made or restored. The text says why and what to do."""
