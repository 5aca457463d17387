"""manage.py routes"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.queue.choice import Chooser, Journey
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configuration.snapshots import snapshots
from mail.models import Account
from mail.store.readers import stop_readers


class Command(BaseCommand):
    help = "Explains which transport a message would take, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        explain = actions.add_parser("explain", help="every rule that is asked, and the one that decides")
        explain.add_argument("--from", dest="sender", required=True, help="envelope sender; <> for none")
        explain.add_argument("--to", dest="recipient", required=True, help="recipient address")
        explain.add_argument("--account", default="", help="the account that sends")
        explain.add_argument("--attempt", type=int, default=1, help="number of the attempt; the first is 1")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["attempt"] < 1:
            raise CommandError("--attempt counts from 1.")
        journey = Journey(
            account_id=_account_id(options["account"]),
            sender_domain=_domain("--from", options["sender"]),
            recipient_domain=_domain("--to", options["recipient"]),
            attempts_made=options["attempt"] - 1,
        )
        try:
            self._explain(journey)
        finally:
            stop_readers()

    def _explain(self, journey: Journey) -> None:
        chooser, snapshot = Chooser(), snapshots().refresh_now()
        for considered in chooser.decide(snapshot, journey).considered:
            self.stdout.write(f"- {considered.rule}: {considered.reason}")
        choice = chooser.choose(snapshot, journey)
        self.stdout.write(f"+ {choice.rule}")
        self.stdout.write(f"transport: {choice.transport.name or 'direct'}")


def _account_id(name: str) -> int | None:
    if not name:
        return None
    account = Account.objects.filter(name=name).first()
    if account is None:
        raise CommandError(f"There is no account {name}.")
    return account.pk


def _domain(option: str, text: str) -> str:
    if text in ("", "<>"):
        return ""
    try:
        return parse_address(text).domain
    except AddressError as error:
        raise CommandError(f"{option}: {error}") from None
