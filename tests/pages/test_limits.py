"""Account page and admin show the numbers that submissions are judged by."""

import re
from html import unescape

import pytest

from delivery.limit_notices.texts import QUOTA
from delivery.models import LimitNotice
from delivery.quotas.warning import warn_of_quotas
from mail import clock
from mail.models import Account, AccountCounters
from tests.outgoing_limits.sending import allow, send
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

SAME = "carol@remote.example"


def limits_section(world: World) -> str:
    text = page(visit_as(world.alice.login), "/account/")
    section = text[text.index('id="limits"') : text.index("<h2>Sending")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", section)).split())


def banner(world: World) -> str:
    text = page(visit_as(world.admin), "/admin/")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_used_and_allowed_and_when_fewer_count(world: World) -> None:
    allow(world.alice, messages=10, recipients=5)
    send(world, world.alice, SAME)
    clock.advance(4 * clock.HOUR)
    send(world, world.alice, SAME, "dave@remote.example")
    shown = limits_section(world)
    assert "Outgoing messages 3 of 10 used" in shown
    assert "First-time recipients 2 of 5 used" in shown
    assert re.search(r"Fewer count after \d\d:\d\d UTC, in 20 h\.", shown)
    assert "0 B, unlimited" in shown


def test_a_limit_that_is_reached_says_when_more_is_possible(world: World) -> None:
    allow(world.alice, messages=2)
    send(world, world.alice, SAME)
    clock.advance(23 * clock.HOUR)
    send(world, world.alice, SAME)
    shown = limits_section(world)
    assert "Outgoing messages 2 of 2 used" in shown
    assert re.search(r"Possible again after \d\d:\d\d UTC, in 60 min\.", shown)
    assert "First-time recipients unlimited" in shown


def test_the_quota(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=5)
    AccountCounters.objects.update(bytes=4_600_000)
    assert "Mail kept 4.6 MB of 5 MB used" in limits_section(world)
    AccountCounters.objects.update(bytes=5_000_000)
    assert "New mail is refused: remove some." in limits_section(world)
    AccountCounters.objects.update(bytes=0)


def test_the_admin_is_told_of_limits_until_they_are_gone_or_raised(world: World) -> None:
    allow(world.alice, messages=5)
    for _ in range(4):
        send(world, world.alice, SAME)
    assert "Account alice had used 4 of 5 outgoing messages in 24 hours at " in banner(world)
    send(world, world.alice, SAME)
    shown = banner(world)
    assert "Account alice reached its limit of 5 outgoing messages" in shown
    assert "had used" not in shown
    allow(world.alice, messages=6)
    assert "Account alice" not in banner(world)
    allow(world.alice, messages=5)
    clock.advance(clock.DAY)
    assert "Account alice" not in banner(world)


def test_the_admin_is_told_of_full_mailboxes(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=10)
    AccountCounters.objects.filter(pk=world.alice.pk).update(bytes=9_300_000)
    warn_of_quotas(world.writer)
    assert LimitNotice.objects.get().kind == QUOTA
    assert "Account alice has used 93 % of its quota of 10 MB." in banner(world)
    (notice,) = world.messages(world.alice)
    AccountCounters.objects.filter(pk=world.alice.pk).update(bytes=10_000_000)
    assert "used up its quota of 10 MB: new mail is refused" in banner(world)
    AccountCounters.objects.filter(pk=world.alice.pk).update(bytes=notice.size)
