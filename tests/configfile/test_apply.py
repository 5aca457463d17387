"""Applying a file makes the configuration what the file says."""

from pathlib import Path

import pytest

from delivery.models import Route, Transport
from mail.configuration.generation import read_generation
from mail.models import Account, AccountCounters, Alias, Destination, Domain, Login, LogLevel, Mailbox
from moxsite.configfile import ConfigurationChanged, apply_plan, export_text
from tests.configfile.applying import apply, plan
from tests.configfile.example import EXAMPLE
from tests.world.world import World


def test_an_empty_server_becomes_what_the_file_says(world: World) -> None:
    apply(EXAMPLE)
    assert {row.package: row.level for row in LogLevel.objects.all()} == {
        "": "info",
        "delivery.queue": "debug",
    }
    relay = Transport.objects.get(name="relay")
    assert (relay.kind, relay.password) == ("submission", "secret")
    assert "password" not in relay.settings
    assert Domain.objects.get(name="example.org").localpart_separators == ["+"]
    assert Domain.objects.get(name="b.example").disabled
    team = Alias.objects.get(localpart="team")
    assert [str(row) for row in team.memberships.all()] == ["alice@example.org", "bob@example.org"]
    alice = Account.objects.get(name="alice")
    assert (alice.full_name, alice.max_outgoing_messages_per_day, alice.quota_mb) == ("Alice", -1, 10)
    assert {str(row) for row in alice.destinations.all()} == {
        "alice@example.org",
        "@example.org",
        "spamtrap@example.org",
    }
    routes = Route.objects.filter(account__isnull=True, domain__isnull=True)
    assert [route.transport.name for route in routes] == ["relay", "plain"]


def test_a_new_account_has_mailboxes_counters_and_a_login_without_password(world: World) -> None:
    apply("[accounts.carol]\n")
    account = Account.objects.get(name="carol")
    assert Mailbox.objects.filter(account=account, name="Inbox").exists()
    assert AccountCounters.objects.filter(account=account).exists()
    assert not Login.objects.get(account=account, name="carol").has_usable_password()


def test_applying_again_changes_nothing(world: World) -> None:
    apply(EXAMPLE)
    before = read_generation()
    assert apply(EXAMPLE) == []
    assert read_generation() == before


def test_applying_an_export_changes_nothing(world: World) -> None:
    apply(EXAMPLE)
    before = export_text()
    assert apply(before) == []
    assert export_text() == before


def test_an_empty_file_removes_everything(world: World) -> None:
    apply(EXAMPLE)
    apply("")
    for model in (Domain, Account, Destination, Alias, Transport, Route, LogLevel, Login):
        assert not model.objects.exists(), model
    assert export_text() == ""


def test_the_diff_can_be_read(world: World) -> None:
    apply(EXAMPLE)
    changed = (
        EXAMPLE.replace('full_name = "Alice"', 'full_name = "Alice A."')
        .replace('"delivery.queue" = "debug"', "")
        .replace('transport = "refuse"', 'transport = "plain"')
        .replace("port = 587", "port = 2525")
        .replace('addresses = ["alice@example.org", "bob@example.org"]', 'addresses = ["bob@example.org"]')
        .replace('mailbox = "Lists/B"', "")
        .replace("disabled = true", "", 1)
    )
    assert plan(changed).lines() == [
        "- log level of delivery.queue: debug",
        "~ domain b.example: disabled true -> false",
        "~ alias team@example.org: addresses ['alice@example.org', 'bob@example.org'] -> ['bob@example.org']",
        "~ account alice: full_name 'Alice' -> 'Alice A.'",
        "~ address Bob@b.example of account bob: mailbox 'Lists/B' -> 'Inbox'",
        "~ transport relay: port 587 -> 2525",
        "- route 1 of domain example.org: all mail through refuse",
        "+ route 1 of domain example.org: all mail through plain",
    ]


def test_additions_and_removals_are_told_line_by_line(world: World) -> None:
    lines = plan(EXAMPLE).lines()
    assert "+ domain example.org: localpart_separators [] -> ['+']" in lines
    assert "+ address spamtrap@example.org of account alice: smtp_error '' -> '550 no such user'" in lines
    assert "+ global route 1: to .example.net after 3 attempts through relay" in lines
    apply(EXAMPLE)
    lines = plan("").lines()
    assert "- domain example.org" in lines
    assert "- address @example.org of account alice" in lines
    assert "- transport relay" in lines


def test_no_password_is_shown(world: World) -> None:
    made = plan(EXAMPLE)
    assert "secret" not in "\n".join([*made.lines(), *made.effects()])
    assert "secret" not in repr(made)
    apply(EXAMPLE)
    assert "secret" not in export_text()


def test_effects_are_told_before(world: World) -> None:
    effects = plan(EXAMPLE).effects()
    assert "alice has no password yet: setpassword alice" in effects
    apply(EXAMPLE)
    assert plan("").effects() == [
        "mail to b.example is no longer accepted",
        "mail to example.org is no longer accepted",
    ]


def test_a_plan_for_an_older_configuration_is_refused(world: World) -> None:
    made = plan(EXAMPLE)
    assert world.b_example
    with pytest.raises(ConfigurationChanged):
        apply_plan(made)
    assert not Account.objects.exists()


def test_a_file_with_problems_is_never_applied(world: World) -> None:
    with pytest.raises(ValueError, match="problems"):
        apply_plan(plan("[site]\n"))


def test_an_address_moves_between_accounts_with_its_aliases(world: World) -> None:
    base = """
    [domains."example.org".aliases.team]
    addresses = ["info@example.org"]
    [accounts.alice]
    [accounts.bob]
    """
    info = '[accounts.{}.destinations."info@example.org"]\n'
    apply(base + info.format("alice"))
    lines = apply(base + info.format("bob"))
    assert lines == ["~ address info@example.org of account bob: account 'alice' -> 'bob'"]
    assert Alias.objects.get().members.get().account.name == "bob"


def test_an_address_survives_the_account_that_it_leaves(world: World) -> None:
    apply('[domains."example.org"]\n[accounts.alice.destinations."info@example.org"]\n')
    apply('[domains."example.org"]\n[accounts.bob.destinations."info@example.org"]\n')
    assert Destination.objects.get().account.name == "bob"
    assert [account.name for account in Account.objects.all()] == ["bob"]


def test_an_alias_and_an_address_trade_places(world: World) -> None:
    def text(alias: str, address: str) -> str:
        return f"""
        [domains."example.org".aliases.{alias}]
        addresses = ["{address}@example.org"]
        [accounts.alice.destinations."{address}@example.org"]
        """

    apply(text("one", "two"))
    apply(text("two", "one"))
    assert str(Alias.objects.get()) == "two@example.org"


def test_a_domain_changes_separators_together_with_its_addresses(world: World) -> None:
    def text(separator: str, localpart: str) -> str:
        return f"""
        [domains."example.org"]
        localpart_separators = ["{separator}"]
        [accounts.alice.destinations."{localpart}@example.org"]
        """

    apply(text("+", "a-b"))
    apply(text("-", "a+b"))
    assert Destination.objects.get().canonical_localpart == "a+b"


def test_a_domain_stops_caring_for_case_together_with_its_addresses(world: World) -> None:
    apply("""
    [domains."example.org"]
    localpart_case_sensitive = true
    [accounts.alice.destinations."Info@example.org"]
    [accounts.bob.destinations."info@example.org"]
    """)
    apply("""
    [domains."example.org"]
    [accounts.alice.destinations."INFO@example.org"]
    [accounts.bob]
    """)
    assert Destination.objects.get().canonical_localpart == "info"


def test_the_order_of_members_and_routes_is_kept(world: World) -> None:
    apply(EXAMPLE)
    swapped = EXAMPLE.replace(
        '["alice@example.org", "bob@example.org"]', '["bob@example.org", "alice@example.org"]'
    )
    apply(swapped)
    members = Alias.objects.get().memberships.order_by("pk")
    assert [str(row) for row in members] == ["bob@example.org", "alice@example.org"]
    assert apply(swapped) == []


def test_members_may_be_written_in_another_form_of_their_address(world: World) -> None:
    apply("""
    [domains."example.org"]
    localpart_separators = ["+"]
    [domains."example.org".aliases.team]
    addresses = ["ALICE+x@Example.ORG"]
    [accounts.alice.destinations."alice@example.org"]
    """)
    assert 'addresses = ["alice@example.org"]' in export_text()


def test_names_may_be_written_as_they_are_read(world: World) -> None:
    text = """
    [domains."bücher.example".aliases."büro"]
    addresses = ["info@bücher.example"]
    [accounts.alice.destinations."info@BÜCHER.example"]
    [accounts.alice.destinations."@bücher.example"]
    [[accounts.alice.routes]]
    to_domains = [".müller.example"]
    transport = "x"
    [transports.x]
    """
    apply(text)
    exported = export_text()
    assert "xn--bcher-kva.example" in exported
    assert apply(text) == []
    assert apply(exported) == []


def test_packages_of_the_log_may_stand_without_quotes(world: World) -> None:
    apply('[log.packages]\ndelivery.queue = "debug"\nmail = "trace"\n')
    assert set(LogLevel.objects.values_list("package", "level")) == {
        ("delivery.queue", "debug"),
        ("mail", "trace"),
    }


def test_a_file_may_begin_with_a_byte_order_mark(world: World) -> None:
    apply("\ufeff" + EXAMPLE)


def test_a_password_comes_from_a_file_beside_it(world: World, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from file\n")
    apply(
        '[transports.r]\nkind = "smtp"\nhost = "r.example"\nusername = "me"\npassword_file = "secret"\n',
        folder=tmp_path,
    )
    assert Transport.objects.get().password == "from file"
