"""Commands on the database that is being restored."""

import os
import subprocess

from moxsite.backup.errors import BackupError
from moxsite.supervisor.spawn import command_line


def run_on(database_url: str | None, key: str, *command: str) -> str:
    """Run a management command with this secret key; what it says. Raises BackupError.

    `database_url` None: on the database that the environment names.
    """
    variables = {name: value for name, value in os.environ.items() if name != "MOXSITE_SECRET_KEY_FILE"}
    if database_url is not None:
        variables.pop("DATABASE_URL_FILE", None)
        variables["DATABASE_URL"] = database_url
    done = subprocess.run(
        command_line(command),
        env={**variables, "MOXSITE_SECRET_KEY": key},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = "\n".join(text.strip() for text in (done.stdout, done.stderr) if text.strip())
        raise BackupError(f"{command[0]} failed on the restored database:\n{said}")
    return done.stdout.strip()
