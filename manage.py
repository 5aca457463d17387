#!/usr/bin/env python
"""moxsite's command line."""

import sys

from delivery.sendmail.calling import sendmail_arguments


def main() -> int:
    """Run the command; sendmail, which any local user may run, without Django."""
    words = sendmail_arguments(sys.argv)
    if words is not None:
        from delivery.sendmail.command import sendmail

        return sendmail(words)
    from moxsite.cli import main as run_command

    return run_command(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
