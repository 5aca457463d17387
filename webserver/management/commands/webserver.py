"""manage.py webserver"""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.configuration.snapshot import InvalidConfiguration
from mail.configuration.snapshots import snapshots
from webserver.explain.asking import asking
from webserver.explain.lines import answering, decision_lines
from webserver.explain.question import WrongQuestion, typed_request
from webserver.explain.rates import rate_line
from webserver.explain.surroundings import present
from webserver.recent.asked import run_folder
from webserver.routing.decision import Decision, decide
from webserver.routing.values import WebSnapshot


class Command(BaseCommand):
    help = "Explains who would answer a URL, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        explaining = actions.add_parser("explain", help="every handler with the reason it takes or declines")
        explaining.add_argument("url", metavar="URL", help="https://www.example.org/path?query")
        explaining.add_argument("--method", default="GET", help="default: GET")
        explaining.add_argument(
            "--header", action="append", default=[], metavar="'NAME: VALUE'", help="may be repeated"
        )
        explaining.add_argument("--client", default="", help="IP address that the request comes from")
        explaining.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            request = typed_request(
                options["url"],
                options["method"],
                options["header"],
                options["client"],
                port_offset=settings.MOXSITE_PORT_OFFSET,
            )
            moment = present(run_folder(), request.client)
            decision = decide(snapshots().refresh_now().section(WebSnapshot), request, asking(moment))
        except WrongQuestion as error:
            raise CommandError(f"{error.field}: {error}") from None
        except InvalidConfiguration as error:
            raise CommandError(f"The configuration can't be used: {error}") from None
        if options["json"]:
            self.stdout.write(
                json.dumps(_values(decision) | {"rate": rate_line(moment.rates)}, ensure_ascii=False)
            )
            return
        if line := rate_line(moment.rates):
            self.stdout.write(line)
        for line in decision_lines(decision):
            self.stdout.write(line)


def _values(decision: Decision) -> dict[str, Any]:
    return {
        "handler": answering(decision),
        "target": decision.deciding.target,
        "status": decision.deciding.status,
        "path": decision.request.path.decoded,
        "steps": [
            {
                "stage": step.stage.name.lower(),
                "subject": step.subject,
                "decides": step.decides,
                "asked": step.asked,
                "reason": step.reason,
            }
            for step in decision.steps
        ],
    }
