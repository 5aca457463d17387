"""Hold rules and suppression lists, from the command line."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from delivery.management.queue.operating import BY, ending, recipients_are
from delivery.models import HoldRule, Suppression
from delivery.queue.holding_operations import RuleText, add_hold_rule, remove_hold_rule
from delivery.queue.reports import hold_rule_line, suppression_line
from delivery.queue.selection import account_named, stored_domain
from delivery.queue.suppression_lists import add_suppression, remove_suppression


def holds(options: Mapping[str, Any], out: OutputWrapper) -> None:
    """List, add or remove hold rules. Raises CommandError, WrongFilter and NoTime."""
    match options["holds_action"]:
        case "list":
            for rule in HoldRule.objects.select_related("account"):
                out.write(hold_rule_line(rule, str(rule)))
        case "add":
            made, count = add_hold_rule(_rule_text(options), BY)
            out.write(f"Hold rule {made.id} is made; of the queue, {recipients_are(count)} held.")
        case "remove":
            released = remove_hold_rule(options["id"], release=options["release"], by=BY)
            if released is None:
                raise CommandError(f"There is no hold rule {options['id']}.")
            kept = f"{recipients_are(released)} released" if options["release"] else "What it held stays held"
            out.write(f"Hold rule {options['id']} is removed. {kept}.")


def _rule_text(options: Mapping[str, Any]) -> RuleText:
    given = {name: options[name] for name in ("account", "sender", "recipient")}
    if not any(given.values()) and not options["all"]:
        raise CommandError("Say which mail: --account, --from-domain, --to-domain, or --all.", returncode=2)
    return RuleText(
        account_id=account_named(given["account"]).pk if given["account"] else None,
        sender_domain=stored_domain("--from-domain", given["sender"]) if given["sender"] else "",
        recipient_domain=stored_domain("--to-domain", given["recipient"]) if given["recipient"] else "",
        reason=options["reason"],
        until=ending(options["until"]),
    )


def suppressions(options: Mapping[str, Any], out: OutputWrapper) -> None:
    """List, add or remove suppressed addresses. Raises SuppressionRefused and WrongFilter."""
    account = account_named(options["account"]) if options["account"] else None
    match options["suppressions_action"]:
        case "list":
            entries = Suppression.objects.select_related("account").order_by("account__name", "address")
            for entry in entries.filter(account=account) if account else entries:
                out.write(suppression_line(entry))
        case "add" if account is not None:
            entry = add_suppression(account, options["address"], options["reason"])
            out.write(f"{account.name} does not write to {entry.address} any more.")
        case "remove" if account is not None:
            entry = remove_suppression(account, options["address"])
            out.write(f"{account.name} may write to {entry.address} again.")
