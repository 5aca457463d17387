import io

import pytest
from django.core.management import CommandError, call_command

from delivery.models import Route, Transport
from mail.audit_trail import Action, tell
from mail.configuration.generation import read_generation
from mail.models import Account, Domain
from mail.store.accept import AcceptMessage
from moxsite.history import pruning
from moxsite.history.comparing import MOST_LINES, compare
from moxsite.history.keeping import keep_version
from moxsite.models import ConfigurationVersion
from tests.pages.visiting import page, visit_as
from tests.world.letters import letter, new_content, to_inbox
from tests.world.waiting import wait_until
from tests.world.workers import ProcessUnderTest, worker_environment
from tests.world.world import World

HISTORY = "/admin/configuration/"


def kept() -> ConfigurationVersion:
    version = keep_version()
    assert version is not None
    return version


def test_each_change_is_a_version_and_the_same_text_is_none(world: World) -> None:
    assert world.alice
    first = kept()
    assert keep_version() is None
    Domain.objects.filter(name="example.org").update(disabled=True)
    second = kept()
    assert "disabled = true" in second.text
    assert (second.added, second.removed) == (1, 1)
    Domain.objects.filter(name="example.org").update(disabled=True)
    assert read_generation() > second.generation
    assert keep_version() is None
    assert first.generation < second.generation


def test_an_earlier_configuration_is_made_current_again(world: World) -> None:
    transport = Transport(name="relay", kind="smtp", settings={"hosts": ["relay.example"]})
    transport.set_password("keep me")
    transport.settings["username"] = "me"
    transport.save()
    Route.objects.create(transport=transport, position=1)
    first = kept()
    Route.objects.all().delete()
    transport.settings["hosts"] = ["elsewhere.example"]
    transport.save()
    assert world.example_org
    kept()
    client = visit_as(world.admin)
    assert "Generation" in page(client, HISTORY)
    url = f"{HISTORY}{first.generation}/"
    text = page(client, url)
    assert "- domain example.org" in text
    done = client.post(url, {"generation": str(read_generation())})
    assert done.status_code == 302
    assert Route.objects.count() == 1
    transport.refresh_from_db()
    assert transport.settings["hosts"] == ["relay.example"]
    assert transport.password == "keep me"
    assert not Domain.objects.exists()
    newest = ConfigurationVersion.objects.first()
    assert newest is not None
    assert newest.text == first.text


@pytest.mark.only_database("sqlite")
def test_a_version_names_who_has_made_it_and_nobody_who_came_later(world: World) -> None:
    assert world.alice
    client = visit_as(world.admin)
    version = kept()
    world.clock.advance(world.clock.SECOND)
    tell(Action.ADDED, "password", "of alice (phone)", {})
    assert "of alice (phone)" not in page(client, f"{HISTORY}{version.generation}/")
    Domain.objects.filter(name="example.org").update(disabled=True)
    tell(Action.CHANGED, "domain", "example \u202e.org", {})
    text = page(client, f"{HISTORY}{kept().generation}/")
    assert "domain <bdi>example \u202e.org</bdi> changed" in text


@pytest.mark.only_database("sqlite")
def test_what_was_seen_is_what_is_done_or_nothing(world: World) -> None:
    assert world.account("carol", world.b_example)
    first = kept()
    assert world.example_org
    client = visit_as(world.admin)
    url = f"{HISTORY}{first.generation}/"
    seen = str(read_generation())
    Domain.objects.create(name="c.example")
    response = client.post(url, {"generation": seen})
    assert "changed meanwhile" in response.content.decode()
    assert Domain.objects.count() == 3


@pytest.mark.only_database("sqlite")
def test_accounts_that_hold_mail_do_not_go_with_a_click(world: World) -> None:
    assert world.b_example
    first = kept()
    world.writer.submit(AcceptMessage(new_content(letter()), (to_inbox(world.alice),))).result()
    client = visit_as(world.admin)
    url = f"{HISTORY}{first.generation}/"
    assert "can’t be made current" in page(client, url)
    client.post(url, {"generation": str(read_generation())})
    assert Account.objects.exists()


@pytest.mark.only_database("sqlite")
def test_the_command_line_lists_and_writes_versions(world: World) -> None:
    assert world.example_org
    version = kept()
    said = io.StringIO()
    call_command("config", "history", stdout=said)
    assert f"{version.generation}  " in said.getvalue()
    said = io.StringIO()
    call_command("config", "show", str(version.generation), stdout=said)
    assert said.getvalue() == version.text
    with pytest.raises(CommandError, match="not kept"):
        call_command("config", "show", "987654")


@pytest.mark.only_database("sqlite")
def test_the_background_worker_keeps_what_changes(world: World) -> None:
    import sys

    from mail.store.writer import stop_writer

    assert world.example_org
    stop_writer()
    command = [sys.executable, "manage.py", "runworker", "--jobs", "background"]
    worker = ProcessUnderTest(command, worker_environment(world), world.folder / "background.log")
    try:
        wait_until(ConfigurationVersion.objects.exists, "the first version is kept", 180)
        assert world.b_example
        wait_until(lambda: ConfigurationVersion.objects.count() == 2, "the change is kept")
    finally:
        worker.stop()


@pytest.mark.only_database("sqlite")
def test_the_oldest_versions_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "KEPT", 2)
    generations = []
    for name in ("a.example", "b.example", "c.example"):
        Domain.objects.create(name=name)
        generations.append(kept().generation)
    pruning.prune_history()
    assert list(ConfigurationVersion.objects.values_list("generation", flat=True)) == generations[:0:-1]


def test_comparing_shows_what_differs_with_its_surroundings() -> None:
    old = "\n".join(f"line {number}" for number in range(1000))
    new = old.replace("line 500\n", "other\n")
    lines = [(line.sign, line.text) for line in compare(old, new)]
    assert ("-", "line 500") in lines
    assert ("+", "other") in lines
    assert len(lines) < 12
    assert compare(old, old) == []


def test_very_different_files_are_cut() -> None:
    lines = compare("", "\n".join(map(str, range(MOST_LINES + 5))))
    assert lines[-1].sign == "@"
    assert len(lines) <= MOST_LINES + 2
