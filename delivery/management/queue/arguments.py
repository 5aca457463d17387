"""The command line of “queue”."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from delivery.models import State, TlsDemand
from delivery.queue.selection import ANY_STATE, Selection
from delivery.queue.when import FORMS

OPERATIONS = {
    "retry": "try waiting recipients again now",
    "reschedule": "set another time for the next attempt",
    "hold": "let recipients wait until they are released",
    "unhold": "release held recipients",
    "fail": "give recipients up; the senders are told",
    "drop": "remove recipients without telling anybody",
    "transport": "send by this transport, whatever the routes say; an empty name follows the routes again",
    "tls": "demand TLS of the way to recipients, or do without",
}
NO_DEMAND = "none"


def add_actions(parser: CommandParser) -> None:
    """All actions with their options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_filters(actions.add_parser("list", help="recipients that wait, the next due first"))
    _add_filters(actions.add_parser("show", help="everything about recipients, with every attempt"))
    for name, meaning in OPERATIONS.items():
        action = actions.add_parser(name, help=meaning)
        _add_own_options(name, action)
        _add_filters(action)
    _add_holds(actions.add_parser("holds", help="rules that hold mail: list, add, remove"))
    _add_suppressions(
        actions.add_parser("suppressions", help="addresses that accounts don't write to: list, add, remove")
    )


def selection_of(options: Mapping[str, Any]) -> Selection:
    """The filters that were given."""
    return Selection(
        ids=tuple(options["ids"]),
        account=options["account"],
        sender=options["sender"],
        recipient=options["recipient"],
        domain=options["domain"],
        held=options["held"],
        submitted=options["submitted"],
        next_attempt=options["next_attempt"],
        transport=options["demanded_transport"],
        state=options["state"],
    )


def _add_filters(action: CommandParser) -> None:
    action.add_argument("ids", nargs="*", type=int, metavar="ID")
    filters = action.add_argument_group("filters, of which all must match")
    address = "@domain, an address, or a piece of one"
    for option, name, meaning in (
        ("--from", "sender", f"envelope sender: {address}; <> for none"),
        ("--to", "recipient", f"recipient: {address}"),
        ("--domain", "domain", "recipient domain"),
        ("--account", "account", "the account that submitted it"),
        ("--submitted", "submitted", "accepted before or after: <-1h is more than an hour ago"),
        ("--next-attempt", "next_attempt", "next attempt before or after: <1h, >30m, now"),
        ("--transport", "demanded_transport", "the transport that was set by hand"),
    ):
        filters.add_argument(option, dest=name, default="", metavar="TEXT", help=meaning)
    filters.add_argument("--held", default="", choices=("yes", "no"), help="on hold or not")
    states = [*(state.value for state in State), ANY_STATE]
    filters.add_argument("--state", default="", choices=states, help="instead of waiting")
    action.add_argument("--all", action="store_true", help="everything that waits")


def _add_own_options(name: str, action: CommandParser) -> None:
    if name == "reschedule":
        way = action.add_mutually_exclusive_group(required=True)
        way.add_argument("--at", metavar="TIME", help=FORMS)
        way.add_argument("--by", metavar="DURATION", help="later, or earlier as in --by=-30m")
    elif name == "hold":
        action.add_argument("--reason", default="", help="shown with each recipient")
        action.add_argument("--until", default="", metavar="TIME", help=f"released by itself: {FORMS}")
    elif name == "transport":
        action.add_argument("name", metavar="TRANSPORT", help='its name; "" for the routes')
    elif name == "tls":
        demands = [demand.value or NO_DEMAND for demand in TlsDemand]
        action.add_argument("demand", choices=demands, help="required, optional, or none of both")


def _add_holds(parser: CommandParser) -> None:
    actions = parser.add_subparsers(dest="holds_action", required=True, metavar="ACTION")
    actions.add_parser("list", help="all rules")
    adding = actions.add_parser("add", help="hold what matches all that is given, now and from now on")
    adding.add_argument("--account", default="", help="the account that sends")
    adding.add_argument("--from-domain", dest="sender", default="", help="domain of the envelope sender")
    adding.add_argument("--to-domain", dest="recipient", default="", help="recipient domain")
    adding.add_argument("--all", action="store_true", help="hold all mail")
    adding.add_argument("--reason", default="", help="shown with each recipient")
    adding.add_argument("--until", default="", metavar="TIME", help=f"ends by itself: {FORMS}")
    removing = actions.add_parser("remove", help="remove a rule; what it holds stays held")
    removing.add_argument("id", type=int)
    removing.add_argument("--release", action="store_true", help="release what it holds")


def _add_suppressions(parser: CommandParser) -> None:
    actions = parser.add_subparsers(dest="suppressions_action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all entries, or those of an account")
    listing.add_argument("--account", default="")
    for name, meaning in (("add", "stop writing to an address"), ("remove", "write to an address again")):
        action = actions.add_parser(name, help=meaning)
        action.add_argument("account", help="name of the account")
        action.add_argument("address")
        if name == "add":
            action.add_argument("--reason", default="", help="shown to the owner of the account")
