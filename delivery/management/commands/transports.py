"""manage.py transports"""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.probe.report import ProbeReport, WayReport
from delivery.transport_trial import NoTest, read_envelope, try_transport
from mail.store.readers import stop_readers
from mail.store.writer import stop_writer

_OPTIONS = {"transport": "NAME", "sender": "--from", "recipient": "--to"}


class Command(BaseCommand):
    help = "Tests transports: connects, encrypts, logs in, names sender and recipient. No mail is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        test = actions.add_parser("test", help="every step of a session, and what to do about a failure")
        test.add_argument("name", metavar="NAME", help="a transport of the configuration")
        test.add_argument("--to", dest="recipient", default="", help="recipient to name to the server")
        test.add_argument("--from", dest="sender", default="", help="envelope sender; without it <>")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = try_transport(options["name"], read_envelope(options["sender"], options["recipient"]))
        except NoTest as error:
            raise CommandError(f"{_OPTIONS[error.field]}: {error}") from None
        finally:
            stop_writer()
            stop_readers()
        for line in report_lines(report, conversation=options["verbosity"] > 1):
            self.stdout.write(line)
        if not report.succeeded:
            raise CommandError(f"Transport {report.transport} has a problem.")


def report_lines(report: ProbeReport, *, conversation: bool) -> Iterator[str]:
    """The test as lines; with the conversation behind the steps of each host."""
    for way in report.ways:
        yield f"{way.title}: {'works' if way.succeeded else 'failed'}"
        for step in way.steps:
            sign = "+" if step.succeeded else "-"
            yield f"  {sign} {step.name:<10} {step.seconds:6.3f} s  {' '.join(step.text.split())}"
        if conversation:
            yield from _conversation(way)
        for diagnosis in way.diagnoses:
            yield f"  ! {diagnosis.name}: {' '.join(diagnosis.says.split())}"
            yield f"    {diagnosis.advice}"


def _conversation(way: WayReport) -> Iterator[str]:
    for line in way.transcript:
        for text in line.text.splitlines():
            yield f"    {line.seconds:6.3f}  {'<' if line.from_server else '>'} {text}"
