"""manage.py routes explain"""

import io
import json
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from delivery.models import Attempt, Route, Transport
from delivery.queue.schedule import delay_after
from mail.clock import SECOND
from tests.world.delivering import deliverer
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def routes(*words: str) -> str:
    output = io.StringIO()
    call_command("routes", "explain", *words, stdout=output)
    return output.getvalue()


@pytest.fixture
def relay(world: World) -> Transport:
    """A relay for what fails three times, and a refusal of all mail to other.example."""
    relay = Transport(
        name="relay", kind="submission", settings={"host": "smtp.relay.example", "username": "me"}
    )
    relay.set_password("s3cret word")
    relay.save()
    refuse = Transport.objects.create(name="refuse", kind="fail", settings={"smtp_code": 450})
    Route.objects.create(account=world.alice, transport=refuse, to_domains=["other.example"])
    Route.objects.create(domain=world.example_org, transport=relay, minimum_attempts=3)
    Route.objects.create(transport=refuse, from_domains=["."])
    return relay


def test_every_rule_is_shown_with_what_it_wants_and_what_there_is(world: World, relay: Transport) -> None:
    said = routes("--from", "alice@example.org", "--to", "carol@remote.example", "--account", "alice")
    lines = said.splitlines()
    assert lines[0] == '- account rule 1 "to other.example" → refuse'
    assert "    false  to: wants other.example; is remote.example" in lines
    assert "    false  attempts made: wants 3 or more; is 0" in lines
    assert "= no route matches: direct delivery" in lines
    assert "    to the mail servers of remote.example" in lines
    assert lines[-1] == "transport: direct"


def test_no_route_has_a_part_in_mail_for_addresses_of_this_server(world: World, relay: Transport) -> None:
    said = routes("--from", "alice@example.org", "--to", "bob@example.org", "--attempt", "4")
    assert "note: example.org is a domain of this server" in said
    assert said.endswith("transport: relay\n")
    assert "note:" not in routes("--from", "alice@example.org", "--to", "carol@remote.example")
    values = json.loads(routes("--from", "alice@example.org", "--to", "bob@example.org", "--json"))
    assert values["delivered_here"] is True


def test_the_number_of_the_attempt_counts(world: World, relay: Transport) -> None:
    said = routes("--from", "alice@example.org", "--to", "carol@remote.example", "--attempt", "4")
    assert '+ domain rule 1 "after 3 attempts" → relay' in said
    assert "    to smtp.relay.example:587" in said
    assert "User name: me" in said
    assert "s3cret" not in said
    assert said.endswith("transport: relay\n")


def test_json_has_the_coming_attempts_with_their_times_and_transports(world: World, relay: Transport) -> None:
    said = json.loads(routes("--from", "alice@example.org", "--to", "carol@remote.example", "--json"))
    assert said["transport"] == "direct"
    assert [each["transport"] for each in said["attempts"]] == ["direct"] * 3 + ["relay"] * 5
    spans = [each["after_seconds"] * SECOND for each in said["attempts"]]
    assert [later - earlier for earlier, later in pairwise(spans)] == [
        delay_after(number) for number in range(1, 8)
    ]
    assert [rule["decides"] for rule in said["rules"]] == [False, False]
    assert said["rules"][0]["criteria"][0]["holds"] is True


def test_the_null_sender_asks_only_global_rules(world: World, relay: Transport) -> None:
    said = routes("--from", "<>", "--to", "carol@remote.example")
    assert said.splitlines()[0] == '+ global rule 1 "from the null sender" → refuse'
    assert said.endswith("transport: refuse\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "alice", "--to", "c@r.example"), "--from: This is no address"),
        (("--from", "<>", "--to", "c@"), "--to: This is no address"),
        (("--from", "<>", "--to", "c@r.example", "--account", "nobody"), "There is no account nobody"),
        (("--from", "<>", "--to", "c@r.example", "--attempt", "0"), "--attempt: Attempts are counted from 1"),
    ],
)
def test_what_can_not_be_asked_is_told(world: World, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        routes(*words)


def test_attempts_take_the_way_that_was_explained(world: World, relay: Transport) -> None:
    said = json.loads(
        routes("--from", "alice@example.org", "--to", "dave@other.example", "--account", "alice", "--json")
    )
    with deliverer(world) as worker:
        queue_letter(world, "dave@other.example")
        worker.deliver_due()
    attempt = Attempt.objects.get()
    assert (attempt.transport, attempt.rule) == (said["transport"], said["rule"])
