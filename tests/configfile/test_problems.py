"""Wrong files: every error at once, with its place."""

from pathlib import Path

import pytest

from mail.models import Account, Login, Message
from moxsite.configfile import make_plan
from tests.configfile.applying import apply, plan, problems
from tests.configfile.example import EXAMPLE
from tests.world.letters import accept_letter, letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

DOMAIN = '[domains."example.org"]\nlocalpart_separators = ["+"]\n'


def only_problem(text: str, folder: Path = Path()) -> str:
    found = problems(text, folder=folder)
    assert len(found) == 1, found
    return found[0]


def test_all_problems_are_told_at_once_with_their_places(world: World) -> None:
    found = problems("""
log = 5
[site]
port = 80
[transports.relay]
kind = "submision"
[transports.a]
kind = "submissions"
host = "192.0.2.1"
no_starttls = true
[transports.b]
kind = "fail"
smtp_code = 200
smtp_message = "no\\nno"
smtp_mesage = "x"
[[routes]]
to_domains = ["x..y"]
[[routes]]
transport = "nowhere"
[domains."not a domain"]
[domains."example.org"]
localpart_separators = ["+", ""]
[accounts.Alice]
quota_mb = -1
[accounts.alice.destinations."x@y"]
smtp_error = "551 moved"
[accounts.alice.destinations."alice@example.org"]
mailbox = "a//b"
color = "red"
""")
    assert [problem.split(":")[0] for problem in found] == [
        "log",
        "site",
        "transports.relay.kind",
        "transports.a.host",
        "transports.a.no_starttls",
        "transports.b.smtp_code",
        "transports.b.smtp_message",
        "transports.b.smtp_mesage",
        "routes[0].transport",
        "routes[0].to_domains[0]",
        "routes[1].transport",
        'domains."not a domain"',
        'domains."example.org".localpart_separators',
        "accounts.Alice",
        "accounts.Alice.quota_mb",
        'accounts.alice.destinations."x@y"',
        'accounts.alice.destinations."x@y".smtp_error',
        'accounts.alice.destinations."alice@example.org".mailbox',
        'accounts.alice.destinations."alice@example.org".color',
    ]
    assert found[1] == "site: unknown key (line 3)"
    assert found[-1].endswith("(line 29)")
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[log]\nlevel = 'loud'\n", "log.level: “loud” is no level: there are error, "),
        ('[log.packages]\n"a b" = "info"\n', 'log.packages."a b": Name a package'),
        ("[log.packages]\na.b = 1\n", "log.packages.a.b: expected a level"),
        ("[domains]\nx = 1\n", "domains.x: expected a table"),
        ("accounts = []\n", "accounts: expected a table"),
        ("routes = 'x'\n", "routes: expected a list of tables"),
        ("routes = ['x']\n", "routes[0]: expected a table"),
        ('[domains."a.example"]\ndisabled = "yes"\n', 'domains."a.example".disabled: expected true or false'),
        ('[domains."a.example"]\nlocalpart_separator = "+"\n', "did you mean localpart_separators?"),
        ('[domains."a.example"]\nlocalpart_separators = [1]\n', "separators[0]: expected a text in quotes"),
        ('[domains."a.example".aliases.team]\n', "needs at least one address"),
        ('[domains."a.example".aliases."t@a.example"]\naddresses=["x"]\n', "can't contain another @"),
        ("[accounts.alice]\nquota_mb = true\n", "accounts.alice.quota_mb: expected a whole number"),
        ("[accounts.alice]\nquota_mb = 1.5\n", "accounts.alice.quota_mb: expected a whole number"),
        ("[accounts.alice]\nquota_mb = 3000000000\n", "accounts.alice.quota_mb: expected a whole number"),
        ("[accounts.alice]\nmax_outgoing_messages_per_day = -2\n", "max_outgoing_messages_per_day: "),
        ('[accounts.alice]\nfull_name = "a\\nb"\n', "accounts.alice.full_name: Write one line"),
        ('[accounts.alice.destinations."@"]\n', 'accounts.alice.destinations."@": '),
        ('[accounts.alice.destinations."@b.example"]\n', "b.example is not a domain of this file"),
        ('[accounts.alice.destinations."a@[192.0.2.1]"]\n', "is not a domain of this file"),
        ("[accounts.alice.destinations.alice]\n", "The address has no domain"),
        ('[transports."a b"]\n', 'transports."a b": Use letters'),
        ('[transports.a]\nkind = "smtp"\n', "transports.a.host: is needed"),
        ('[transports.a]\nhost = "x.example"\n', "transports.a.host: is not a setting"),
        ('[transports.a]\nkind = "fail"\npassword = "x"\n', "transports.a.password: is not a setting"),
        ("[transports.a]\n[[routes]]\ntransport = 5\n", "routes[0].transport: expected a text"),
        ("[[accounts.alice.routes]]\ntransport = 'x'\n", "accounts.alice.routes[0].transport: there is no"),
        ("[[domains.'a.example'.routes]]\ntransport = 'x'\n", 'domains."a.example".routes[0].transport: '),
    ],
)
def test_each_kind_of_mistake_has_its_place(world: World, text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(text)), problems(text)


def test_a_wrong_value_in_a_transport_is_not_repeated_where_it_may_be_a_password(world: World) -> None:
    text = '[transports.a]\nkind = "smtp"\nhost = "x.example"\nusername = "u"\n'
    assert "hunter2" not in only_problem(text + 'pasword = "hunter2"\n')
    assert "hunter2" not in only_problem(text + 'password = ["hunter2"]\n')


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        ('[accounts.bob.destinations."Info@example.org"]', "of account alice"),
        ('[accounts.bob.destinations."info@EXAMPLE.org"]', "belongs to account alice already"),
        ('[accounts.bob.destinations."info+x@example.org"]', "separator"),
        ('[domains."example.org".aliases.info]\naddresses = ["bob@example.org"]', "account alice"),
    ],
)
def test_an_address_belongs_to_one(world: World, late: str, expected: str) -> None:
    text = (
        '[accounts.alice.destinations."info@example.org"]\n'
        '[accounts.bob.destinations."bob@example.org"]\n' + DOMAIN + late
    )
    assert expected in only_problem(text)


def test_a_second_catchall_is_refused(world: World) -> None:
    text = (
        DOMAIN + '[accounts.alice.destinations."@example.org"]\n[accounts.bob.destinations."@Example.org"]\n'
    )
    assert only_problem(text) == (
        'accounts.bob.destinations."@Example.org": example.org has a catchall already, of account alice. '
        "A domain has at most one. (line 4)"
    )


def test_a_second_spelling_of_a_catchall_is_refused(world: World) -> None:
    text = (
        '[domains."☺.example"]\n[accounts.alice.destinations."@☺.example"]\n'
        '[accounts.alice.destinations."@xn--74h.example"]\n'
    )
    assert "The catchall stands here twice, in different spellings." in only_problem(text)


def test_a_second_spelling_of_a_domain_is_refused(world: World) -> None:
    text = '[domains."bücher.example"]\n[domains."xn--bcher-kva.example"]\n'
    assert "bücher.example stands in the file twice" in only_problem(text)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ('["alice@example.org", "nobody@example.org"]', "addresses[1]: nobody@example.org is not an address"),
        (
            '["alice@example.org", "Alice+x@example.org"]',
            "addresses[1]: Alice+x@example.org is a member already",
        ),
        ('["alice@example.org", "@example.org"]', "addresses[1]: "),
        ('["alice@example.org", "x@remote.example"]', "addresses[1]: x@remote.example is not an address"),
        ('["alice@example.org", "team@example.org"]', "addresses[1]: team@example.org is not an address"),
    ],
)
def test_members_are_addresses_of_accounts_each_once(world: World, members: str, expected: str) -> None:
    text = (
        DOMAIN
        + f'[domains."example.org".aliases.team]\naddresses = {members}\n'
        + '[accounts.alice.destinations."alice@example.org"]\n'
    )
    assert expected in only_problem(text)


def test_text_that_is_no_toml_is_one_problem(world: World) -> None:
    assert only_problem("[log\n").startswith("not TOML: ")
    assert "line 1" in only_problem("[log\n")
    assert only_problem('[log]\nlevel = "info"\nlevel = "info"\n').startswith("not TOML: ")


def test_bytes_that_are_no_text_are_one_problem(world: World) -> None:
    found = make_plan(b"# \xff\n", Path()).problems
    assert [str(problem) for problem in found] == ["not UTF-8: byte 3 of the file"]


def test_a_password_file_must_be_readable(world: World, tmp_path: Path) -> None:
    text = '[transports.a]\nkind = "smtp"\nhost = "a.example"\nusername = "u"\npassword_file = "none"\n'
    assert "transports.a.password_file: none can't be read" in only_problem(text, tmp_path)
    (tmp_path / "none").write_text("\n")
    assert "holds no password" in only_problem(text, tmp_path)
    (tmp_path / "none").write_text("x")
    assert "can't be used together" in only_problem(text + 'password = "x"\n', tmp_path)


def test_an_account_does_not_get_the_name_of_an_admin(world: World) -> None:
    assert world.admin
    assert only_problem("[accounts.admin]\n").startswith("accounts.admin: There is a login named admin")


def test_an_account_that_holds_mail_goes_only_on_demand(world: World) -> None:
    message = world.writer.submit(accept_letter(letter("hello"), world.alice)).result()
    assert message
    assert only_problem("").startswith("accounts.alice: is missing here, but holds 1 message")
    made = plan("", remove_accounts=True)
    assert "1 message of alice will be deleted" in made.effects()
    apply("", remove_accounts=True)
    assert not Message.objects.exists()
    assert not Login.objects.filter(name="alice").exists()


def test_an_admin_outlives_the_account(world: World) -> None:
    login = world.alice.login
    login.is_staff = True
    login.save()
    apply("")
    login.refresh_from_db()
    assert login.account is None
    assert login.check_password(world.password)


def test_an_account_without_mail_goes_without_more_words(world: World) -> None:
    apply(EXAMPLE)
    apply("")
    assert not Account.objects.exists()
