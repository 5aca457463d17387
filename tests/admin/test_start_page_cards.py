import re

import pytest

from delivery.models import Attempt, QueuedRecipient
from mail import clock
from mail.guard.attempts import Attempt as LoginTry
from mail.guard.guard import guard
from mail.models import Certificate, PeriodicJob
from moxsite.admin.cards import all_cards
from moxsite.admin.cards.card import Card, Health
from moxsite.admin.cards.processes import missing_roles
from moxsite.admin.sparkline import HOURS, Hour, last_day, sparkline
from moxsite.setup.models import DomainCheck
from tests.pages.visiting import page, send, tried, visit_as
from tests.world.world import World


def card(title: str) -> Card:
    return next(each for each in all_cards.cards() if each.title == title)


def test_what_is_wrong_stands_first_with_the_next_step(world: World) -> None:
    found = all_cards.cards()
    order = [min(each.health, Health.FINE) for each in found]
    assert order == sorted(order)
    assert found[0].title == "Processes", "none runs in this test"
    text = page(visit_as(world.admin), "/admin/")
    assert "Start serve, or read its log" in text
    for each in found:
        assert each.url in text
        assert each.text.split("'")[0][:30] in text.replace("&#x27;", "'")


def test_every_card_leads_to_a_page(world: World) -> None:
    client = visit_as(world.admin)
    for each in all_cards.cards():
        assert client.get(each.url).status_code == 200, each.url


@pytest.mark.parametrize(
    ("running", "missing"),
    [
        ({"smtp": 1, "pages": 1, "web": 2, "delivery": 1, "background": 1}, []),
        ({"smtp": 1, "pages": 1, "web": 1, "worker": 1}, []),
        ({"smtp": 1, "web": 1, "background": 1}, ["pages", "delivery"]),
    ],
)
def test_which_processes_are_missing(running: dict[str, int], missing: list[str]) -> None:
    assert missing_roles(running) == missing


@pytest.mark.only_database("sqlite")
def test_a_card_that_fails_hides_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Card | None:
        raise OSError("disk on fire")

    monkeypatch.setattr(all_cards, "CARDS", (broken, *all_cards.CARDS))
    assert len(all_cards.cards()) >= 5


@pytest.mark.only_database("sqlite")
def test_jobs_that_failed_are_told(world: World) -> None:
    PeriodicJob.objects.create(name="sweep", last_finished=clock.now())
    assert card("Regular jobs").health is Health.FINE
    PeriodicJob.objects.create(name="renew certificates", last_error="OSError: no route")
    told = card("Regular jobs")
    assert (told.health, told.word) == (Health.WATCH, "1 failed")
    assert "no route" in page(visit_as(world.admin), "/admin/processes/")


@pytest.mark.parametrize(("days", "word"), [(-1, "expired"), (3, "ends soon"), (80, "valid")])
@pytest.mark.only_database("sqlite")
def test_certificates_are_judged_by_the_first_that_ends(world: World, days: int, word: str) -> None:
    for end in (days, 85):
        Certificate.objects.create(
            names=["mail.example.org"],
            chain="PEM",
            source="acme",
            not_before=0,
            not_after=clock.now() + end * clock.DAY,
            created=0,
        )
    assert card("Certificates").word == word
    assert word in page(visit_as(world.admin), "/admin/certificates/")


@pytest.mark.parametrize(
    ("errors", "warnings", "word"), [(2, 0, "errors"), (0, 3, "works"), (0, 0, "in order")]
)
@pytest.mark.only_database("sqlite")
def test_dns_is_judged_by_the_worst_domain(world: World, errors: int, warnings: int, word: str) -> None:
    assert world.b_example
    assert card("DNS").word == "not checked"
    DomainCheck.objects.create(domain=world.b_example, moment=clock.now())
    DomainCheck.objects.create(domain=world.example_org, moment=clock.now(), errors=errors, warnings=warnings)
    told = card("DNS")
    assert told.word == word
    assert "example.org" in told.text or word == "in order"


@pytest.mark.only_database("sqlite")
def test_many_failed_log_ins_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moxsite.admin.cards.log_ins.MANY", 3)
    assert world.admin
    assert "Without two-factor login: admin." in card("Log-ins").text
    for _ in range(3):
        guard().record(LoginTry("bob", None, "192.0.2.7", "smtp", "PLAIN", "unknown"))
    guard().sharing.round()
    assert card("Log-ins").word == "many fail"


@pytest.mark.only_database("sqlite")
def test_a_disk_that_fills_up_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 100 * 10**9, "free": 5 * 10**9})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    told = card("Disk")
    assert told.health is Health.WATCH
    assert "5.0 GB of 100 GB are free (5 %)" in told.text


def test_the_last_day_is_counted_by_hours(world: World) -> None:
    message = send(world, world.alice, "a@x.example", "b@x.example", "c@x.example")
    first, second, third = QueuedRecipient.objects.filter(message=message).order_by("id")
    tried(first, Attempt.Outcome.DELIVERED, "250 2.0.0 ok")
    world.clock.advance(5 * clock.HOUR)
    tried(second, Attempt.Outcome.DELIVERED, "250 2.0.0 ok")
    tried(third, Attempt.Outcome.PERMANENT, "550 5.1.1 unknown")
    hours = last_day()
    assert len(hours) == HOURS
    assert sum(hour.delivered for hour in hours) == 2
    assert hours[-1] == Hour(1, 1)
    assert {hours[-6].delivered, hours[-5].delivered} == {0, 1}
    picture = sparkline(hours)
    assert "2 delivered, 1 failed" in picture
    assert len(re.findall("<g>", picture)) == HOURS
    world.clock.advance(24 * clock.HOUR)
    assert last_day() == [Hour()] * HOURS
