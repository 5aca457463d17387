"""Refusals by policy at the first attempt: the next one comes from our address of the other family."""

import asyncio
from dataclasses import replace

import pytest

from delivery.smtp.client.failure import Stage, refused
from delivery.smtp.client.results import Outcome
from delivery.smtp.client.session import Session
from delivery.transports.dialing import Host
from delivery.transports.group import Group, GroupResult, Mail
from delivery.transports.sending import send_to_host
from delivery.transports.undelivered import Undelivered
from mail.errors import Reply
from tests.transports.delivering import CAROL, DAVE, Elsewhere, mail
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary

D, T, P = Outcome.DELIVERED, Outcome.TEMPORARY, Outcome.PERMANENT
BLOCKED = "550 5.7.1 your address is listed"
WITHOUT_ENHANCED = tuple(each for each in PLAIN_EXTENSIONS if each != "ENHANCEDSTATUSCODES")


def dual_stack(elsewhere: Elsewhere, script: Ordinary) -> None:
    elsewhere.server("remote.example", script)
    elsewhere.server("remote.example", script, ip="::1")


def outcomes(result: GroupResult, of: Mail) -> list[Outcome]:
    return [each.outcome for each in result.of(of)]


@pytest.mark.parametrize(
    "refusing",
    [
        Ordinary(mail=BLOCKED),
        Ordinary(rcpt={CAROL: BLOCKED, DAVE: BLOCKED}),
        Ordinary(data=BLOCKED),
        Ordinary(end=(BLOCKED,)),
    ],
)
def test_where_the_host_has_both_families_the_first_refusal_is_temporary(
    elsewhere: Elsewhere, refusing: Ordinary
) -> None:
    dual_stack(elsewhere, refusing)
    one = mail(CAROL, DAVE)
    result = elsewhere.deliver(one)
    assert outcomes(result, one) == [T, T]
    assert str(result.of(one)[0].reply) == BLOCKED


@pytest.mark.parametrize(
    "refusing",
    [
        Ordinary(mail="550 5.1.8 bad sender"),
        Ordinary(mail=BLOCKED, extensions=WITHOUT_ENHANCED),
        Ordinary(rcpt={CAROL: "550 5.1.1 nobody"}),
    ],
)
def test_other_refusals_are_final(elsewhere: Elsewhere, refusing: Ordinary) -> None:
    dual_stack(elsewhere, refusing)
    assert outcomes(elsewhere.deliver(one := mail(CAROL)), one) == [P]


def test_a_refusal_of_some_recipients_is_about_them(elsewhere: Elsewhere) -> None:
    dual_stack(elsewhere, Ordinary(rcpt={CAROL: BLOCKED}))
    assert outcomes(elsewhere.deliver(one := mail(CAROL, DAVE)), one) == [P, D]


def test_the_second_refusal_is_final(elsewhere: Elsewhere) -> None:
    dual_stack(elsewhere, Ordinary(mail=BLOCKED))
    again, new = replace(mail(CAROL), attempt=2), mail(DAVE, key=2)
    result = elsewhere.deliver(again, new)
    assert (outcomes(result, again), outcomes(result, new)) == ([P], [T])


def test_with_one_family_the_first_refusal_is_final(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary(mail=BLOCKED))
    assert outcomes(elsewhere.deliver(one := mail(CAROL)), one) == [P]


def test_a_refusal_before_the_mail_counts_like_one_of_all_recipients() -> None:
    async def refuse(host: Host) -> Session:
        failure = refused(Stage.STARTTLS, Reply(554, "5.7.1", "your address is listed"))
        failure.ip, failure.dual_stack = "192.0.2.1", True
        raise failure

    new, again = mail(CAROL), replace(mail(DAVE, key=2), attempt=2)
    undelivered = Undelivered(Group((new, again)), None)
    host = Host("mx.remote.example", 25)
    asyncio.run(send_to_host(host, refuse, undelivered, require_eight_bit=False, spare_first=True))
    result = undelivered.result()
    assert (outcomes(result, new), outcomes(result, again)) == ([T], [P])


def test_the_next_attempt_comes_from_the_other_family(elsewhere: Elsewhere) -> None:
    dual_stack(elsewhere, Ordinary(mail=BLOCKED))
    first = elsewhere.deliver(one := mail(CAROL))
    (host_try,) = first.tries
    again = replace(one, attempt=2, earlier={host_try.host: [host_try.ip]})
    (second_try,) = elsewhere.deliver(again).tries
    assert {host_try.ip, second_try.ip} == {"127.0.0.1", "::1"}
