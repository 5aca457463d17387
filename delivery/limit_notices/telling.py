"""Noting that a limit was crossed and telling the owner, in the transaction in which it was found."""

import logging

from django.conf import settings

from delivery.limit_notices.letter import owner_letter
from delivery.limit_notices.texts import QUOTA, Crossing, owner_text
from mail import clock
from mail.addresses.address import Address
from mail.configuration.rules.mailboxes import INBOX
from mail.store.accept import AcceptMessage, accept
from mail.store.deliver import LocalDelivery
from mail.store.from_bytes import content_from_bytes
from mail.store.write import Transaction

log = logging.getLogger(__name__)


def tell(current: Transaction, crossing: Crossing) -> None:
    """Tell the owner in the Inbox, and the admin by a row that the admin pages show; the account is locked.

    Not if the same was told already, with the same limit: about outgoing messages within the last 24 hours,
    about the quota until `forget`. Whoever was told of the limit itself is not told of a part of it.
    """
    if _told_already(current, crossing):
        return
    current.run(
        "INSERT INTO delivery_limitnotice (account_id, kind, level, moment, used, allowed) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id, kind, level) DO UPDATE SET "
        "moment = excluded.moment, used = excluded.used, allowed = excluded.allowed",
        [
            crossing.account_id,
            crossing.kind,
            crossing.level,
            crossing.moment,
            crossing.used,
            crossing.allowed,
        ],
    )
    name, address = _owner(current, crossing.account_id)
    fields = {"account": name, "limit": crossing.kind, "used": crossing.used, "allowed": crossing.allowed}
    log.warning("limit crossed", extra={"fields": {**fields, "percent": crossing.level}})
    (result,) = accept(current, [_notice(crossing, name, address)])
    if isinstance(result, Exception):
        log.error("the owner could not be told", extra={"fields": {**fields, "error": str(result)}})


def forget(current: Transaction, account: int, kind: str) -> None:
    """What was told about this limit holds no longer: it is told again when it is crossed again."""
    current.run("DELETE FROM delivery_limitnotice WHERE account_id = %s AND kind = %s", [account, kind])


def _told_already(current: Transaction, crossing: Crossing) -> bool:
    since = 0 if crossing.kind == QUOTA else crossing.moment - clock.DAY
    rows = current.rows(
        "SELECT 1 FROM delivery_limitnotice WHERE account_id = %s AND kind = %s AND level >= %s "
        "AND allowed = %s AND moment > %s",
        [crossing.account_id, crossing.kind, crossing.level, crossing.allowed, since],
    )
    return bool(rows)


def _owner(current: Transaction, account: int) -> tuple[str, str]:
    """The account's name, and the address that the message names; empty when it has none."""
    rows = current.rows(
        "SELECT a.name, d.localpart, m.name FROM mail_account a "
        "LEFT JOIN mail_destination d ON d.account_id = a.id AND NOT d.is_catchall "
        "LEFT JOIN mail_domain m ON m.id = d.domain_id WHERE a.id = %s ORDER BY d.id LIMIT 1",
        [account],
    )
    name, localpart, domain = rows[0]
    return str(name), str(Address(localpart, domain)) if localpart is not None else ""


def _notice(crossing: Crossing, account: str, address: str) -> AcceptMessage:
    host: str = settings.MOXSITE_HOSTNAME
    subject, paragraphs = owner_text(crossing, account, host)
    raw = owner_letter(host, address, subject, paragraphs, crossing.moment)
    prefix = f"Return-Path: <postmaster@{host}>\r\n".encode()
    delivery = LocalDelivery(crossing.account_id, INBOX, prefix, "", address, notice=True)
    return AcceptMessage(content_from_bytes(raw), (delivery,))
