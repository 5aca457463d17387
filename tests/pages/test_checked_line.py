"""What the page of a message says about its sender."""

import dataclasses

import pytest

from mail.authentication.record import to_record
from mail.authentication.results import (
    Disposition,
    DkimResult,
    DmarcResult,
    IprevResult,
    Result,
    SenderResults,
    SpfResult,
)
from mail.models import Message
from moxsite.pages.checked import checked
from tests.pages.visiting import page, receive, visit_as
from tests.world.letters import letter
from tests.world.world import World

NOTHING = SenderResults(
    IprevResult(Result.PERMERROR, "192.0.2.7"),
    SpfResult(Result.NONE, "helo", "mail.remote.example"),
    SpfResult(Result.NONE, "mailfrom", "remote.example"),
    (),
    DmarcResult(Result.NONE, "remote.example"),
)
SIGNED = DkimResult(Result.PASS, "remote.example", "s1", "rsa-sha256", "abc")
REJECTED = DmarcResult(
    Result.FAIL, "remote.example", "remote.example", Disposition.REJECT, Disposition.REJECT
)
ALLOWED = SpfResult(Result.PASS, "mailfrom", "remote.example")


@pytest.mark.parametrize(
    ("found", "word", "text"),
    [
        (NOTHING, "unproven", "Nobody vouches that this is from remote.example."),
        (dataclasses.replace(NOTHING, dkim=(SIGNED,)), "genuine", "remote.example vouches"),
        (dataclasses.replace(NOTHING, spf=ALLOWED), "genuine", "remote.example vouches"),
        (
            dataclasses.replace(NOTHING, dkim=(dataclasses.replace(SIGNED, domain="list.example"),)),
            "unproven",
            "Signed by list.example, which is not",
        ),
        (dataclasses.replace(NOTHING, dmarc=REJECTED), "doubtful", "asks for such mail to be refused"),
        (
            dataclasses.replace(NOTHING, dmarc=DmarcResult(Result.TEMPERROR, "xn--bcher-kva.example")),
            "not checked",
            "Whether this is from b\u00fccher.example could not be checked",
        ),
    ],
)
def test_the_line_in_words(found: SenderResults, word: str, text: str) -> None:
    line = checked(Message(authentication=to_record(found)))
    assert line is not None
    assert line.chip.word == word
    assert text in line.text


def test_every_result_has_words() -> None:
    for result in Result:
        found = SenderResults(
            IprevResult(result, "192.0.2.7", "mail.remote.example"),
            SpfResult(result, "helo", "mail.remote.example"),
            SpfResult(result, "mailfrom", "remote.example", problem="p"),
            (DkimResult(result, "remote.example", "s1", reason="r"), DkimResult(result)),
            DmarcResult(result, "remote.example", "remote.example", Disposition.QUARANTINE),
        )
        line = checked(Message(authentication=to_record(found)))
        assert line is not None
        assert len(line.details) == 6


def test_the_page_shows_the_line_and_how_it_was_checked(world: World) -> None:
    message = receive(world, world.alice, letter())
    url = f"/mail/{message.mailbox_id}/{message.uid}/"
    client = visit_as(world.alice.login)
    assert "Checked" not in page(client, url)
    found = dataclasses.replace(NOTHING, dkim=(dataclasses.replace(SIGNED, reason="<b>"),))
    Message.objects.filter(pk=message.pk).update(authentication=to_record(found))
    text = page(client, url)
    assert "remote.example vouches for this message." in text
    assert "<summary>How this was checked</summary>" in text
    assert "192.0.2.7, which has no name" in text
    assert "&lt;b&gt;" in text
