"""The sendmail command from its first to its last step.

It runs as any local user, for cron and web applications: no Django, no database, no data directory.
"""

import logging
import os
import sys
from collections.abc import Sequence

from delivery.sendmail.configuration import Configuration, WrongConfiguration, load_configuration
from delivery.sendmail.exit_status import ExitStatus, worst
from delivery.sendmail.keeping import keep_letter
from delivery.sendmail.letter import Letter, read_letter
from delivery.sendmail.options import Options, WrongUsage, read_options
from delivery.sendmail.reading import read_message
from delivery.sendmail.sending import Failed, send
from delivery.sendmail.submission import make_submission
from delivery.sendmail.telling import Teller
from mail.addresses.domain import AddressError
from mail.errors import Reply
from mail.log.levels import level_number
from mail.mime.headers import HEADER_LIMIT


def sendmail(words: Sequence[str]) -> int:
    """Do what the words after the program's name ask for; the exit status."""
    os.umask(0o077)
    teller = Teller()
    try:
        options = read_options(words)
        level = level_number(options.level)
    except (WrongUsage, ValueError) as error:
        teller.say(str(error))
        return ExitStatus.USAGE
    if options.show is not None:
        sys.stdout.write(options.show)
        return ExitStatus.OK
    logging.basicConfig(level=level, format="%(levelname)s: %(message)s", stream=sys.stderr)
    if not options.recipients and not options.from_header:
        teller.say("no recipient: name one, or use -t to take those in the message (--help shows more)")
        return ExitStatus.USAGE
    return _Command(options, teller).run()


class _Command:
    """Whatever fails after the message was read, the message is kept."""

    def __init__(self, options: Options, teller: Teller) -> None:
        self._options = options
        self._teller = teller

    def run(self) -> ExitStatus:
        """Read, send, and keep what could not be sent."""
        try:
            configuration: Configuration | None = load_configuration(self._options.configuration)
        except WrongConfiguration as error:
            self._teller.say(str(error))
            if sys.stdin.isatty():
                return ExitStatus.CONFIG
            configuration = None
        letter = read_letter(read_message(sys.stdin.buffer, dot_is_text=self._options.dot_is_text))
        failed = self._not_configured() if configuration is None else self._send(letter, configuration)
        if failed:
            self._keep(letter, failed)
        return worst(*(each.status for each in failed))

    def _send(self, letter: Letter, configuration: Configuration) -> list[Failed]:
        """Send the letter; the failures, told already."""
        self._teller.hide(configuration.username, configuration.password)
        try:
            failed = self._try(letter, configuration)
        except AddressError as error:
            failed = self._all(Reply(553, "5.1.7", f"the sender can't be used: {error}"), ExitStatus.USAGE)
        except Exception as error:
            logging.getLogger(__name__).debug("unexpected error", exc_info=True)
            reply = Reply(451, "4.3.0", f"an error in this program: {type(error).__name__}")
            failed = self._all(reply, ExitStatus.SOFTWARE)
        for each in failed:
            self._teller.say(f"{each.recipient}: {each.reply}")
        return failed

    def _try(self, letter: Letter, configuration: Configuration) -> list[Failed]:
        if len(bytes(letter.header)) > HEADER_LIMIT:
            text = f"the header is larger than {HEADER_LIMIT // 1024} KiB"
            return self._all(Reply(552, "5.3.4", text), ExitStatus.DATAERR)
        submission = make_submission(letter, self._options, configuration)
        failed = [
            Failed(text, Reply(553, "5.1.3", f"this is no address: {reason}"), ExitStatus.DATAERR)
            for text, reason in submission.recipients.unusable
        ]
        if submission.recipients.addresses:
            observer = self._teller.show if self._options.verbose else None
            return failed + send(submission, configuration, observer)
        return failed or self._all(Reply(550, "5.1.3", "the message names no recipient"), ExitStatus.DATAERR)

    def _not_configured(self) -> list[Failed]:
        return self._all(Reply(451, "4.3.5", "the configuration can't be used"), ExitStatus.CONFIG)

    def _all(self, reply: Reply, status: ExitStatus) -> list[Failed]:
        """One failure for all recipients, before they are known."""
        return [Failed(", ".join(self._options.recipients) or "all recipients", reply, status)]

    def _keep(self, letter: Letter, failed: Sequence[Failed]) -> None:
        sender = self._options.sender
        remarks = [] if sender is None else [("From", sender or "<>")]
        for each in failed:
            remarks.append(("To", each.recipient))
            remarks.append(("Reply", self._teller.clean(str(each.reply))))
        try:
            path = keep_letter(letter, remarks)
        except (OSError, RuntimeError) as error:  # without a home directory there is a RuntimeError
            self._teller.say(f"the message is lost, because it can't be kept: {error}")
        else:
            self._teller.say(f"the message was kept in {path}")
