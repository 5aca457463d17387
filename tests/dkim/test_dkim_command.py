from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mail.models import DkimKey
from tests.configfile.applying import apply
from tests.configfile.example import EXAMPLE
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def dkim(*words: str) -> str:
    out = StringIO()
    call_command("dkim", *words, stdout=out)
    return out.getvalue()


def test_keys_are_made_listed_and_retired(world: World) -> None:
    assert world.example_org.pk < world.b_example.pk
    made = dkim("add", "Example.org", "--selector", "s1", "--algorithm", "ed25519")
    key = DkimKey.objects.get()
    assert made == (
        f'example.org s1 ed25519 signing\n  s1._domainkey.example.org. IN TXT "{key.dns_record}"\n'
    )
    assert len(dkim("add", "b.example").splitlines()) == 4
    assert dkim("list", "example.org") == made
    assert dkim("list").count("signing\n") == 3
    assert dkim("retire", "example.org", "S1") == (
        "s1._domainkey.example.org signs no more. Leave its record in DNS for a week.\n"
    )
    assert dkim("list", "example.org").startswith("example.org s1 ed25519 retired\n")
    assert dkim("activate", "example.org", "s1") == "s1._domainkey.example.org signs from now on.\n"
    assert " prepared\n" in dkim("add", "example.org", "--prepared", "--algorithm", "ed25519")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "elsewhere.example"], "elsewhere.example is not a domain of this server."),
        (["list", "no_domain"], "no_domain is not a domain of this server."),
        (["retire", "example.org", "s9"], "example.org has no key with the selector s9."),
        (["add", "example.org", "--selector", "a_b"], 'can\'t be in a domain'),
    ],
)  # fmt: skip
def test_what_can_not_be_done_says_why(world: World, words: list[str], said: str) -> None:
    assert world.example_org
    with pytest.raises(CommandError) as refused:
        dkim(*words)
    assert said in str(refused.value)
    assert not DkimKey.objects.exists()


def test_applying_a_configuration_leaves_keys_alone(world: World) -> None:
    apply(EXAMPLE)
    dkim("add", "example.org", "--algorithm", "ed25519")
    key = DkimKey.objects.get()
    apply(EXAMPLE)
    assert DkimKey.objects.get().private_key == key.private_key
