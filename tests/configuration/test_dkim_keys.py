import pytest
from django.core.exceptions import ValidationError

from mail import clock
from mail.configuration.dkim import SigningKeys, activate, make_keys, retire
from mail.configuration.rules.dkim import free_selector, selector_form
from mail.configuration.snapshot import compile_snapshot
from mail.dkim.keys import ALGORITHMS, ED25519
from mail.models import DkimKey
from tests.world.world import World


def test_keys_are_in_snapshots_as_long_as_they_sign(world: World) -> None:
    keys = make_keys(world.example_org, ALGORITHMS)
    before = compile_snapshot()
    found = before.section(SigningKeys).get("example.org")
    assert [key.algorithm for key in found] == ["rsa-sha256", "ed25519-sha256"]
    assert before.section(SigningKeys).get("b.example") == ()
    retire(keys[0])
    after = compile_snapshot()
    assert after.generation > before.generation
    assert [key.selector for key in after.section(SigningKeys).get("example.org")] == [keys[1].selector]
    assert DkimKey.objects.get(pk=keys[0].pk).retired is not None
    activate(keys[0])
    assert DkimKey.objects.get(pk=keys[0].pk).retired is None
    DkimKey.objects.all().delete()
    assert compile_snapshot().section(SigningKeys).get("example.org") == ()


def test_the_private_key_is_sealed_and_bound_to_its_row(world: World) -> None:
    one, other = make_keys(world.example_org, [ED25519, ED25519])
    stored = DkimKey.objects.get(pk=one.pk)
    assert stored.private_key not in bytes(stored.private_key_sealed)
    assert stored.private_key != DkimKey.objects.get(pk=other.pk).private_key


@pytest.mark.only_database("sqlite")
def test_selectors_differ_within_a_domain(world: World) -> None:
    made = make_keys(world.example_org, ALGORITHMS) + make_keys(world.example_org, ALGORITHMS)
    month = f"{clock.as_datetime(clock.now()):%Y%m}"
    assert [key.selector for key in made] == [
        f"rsa{month}", f"ed25519{month}", f"rsa{month}-2", f"ed25519{month}-2",
    ]  # fmt: skip
    named = make_keys(world.b_example, ALGORITHMS, "Mail1")
    assert [key.selector for key in named] == ["mail1-rsa", "mail1-ed25519"]
    with pytest.raises(ValidationError, match="already exists"):
        make_keys(world.b_example, ALGORITHMS, "mail1")
    assert world.b_example.dkim_keys.count() == 2


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("S1", "s1"), ("2026", "2026"), ("a.b-c", "a.b-c"), ("bücher", "xn--bcher-kva"), (" s1 ", "s1")],
)
def test_a_selector_is_a_name_that_dns_can_find(typed: str, stored: str) -> None:
    assert selector_form(typed, "example.org") == (stored, [])


@pytest.mark.parametrize("typed", ["", "a_b", "a..b", "-a", "a;b", "s1.", "a" * 64, ".".join(["a" * 60] * 4)])
def test_a_selector_that_is_no_name_is_refused(typed: str) -> None:
    selector, problems = selector_form(typed, "example.org")
    assert selector == typed
    assert [problem.field for problem in problems] == ["selector"]


def test_a_free_selector_says_kind_and_month() -> None:
    moment = clock.Moment(1_751_371_200_000_000)
    assert free_selector("rsa-2048", moment, ()) == "rsa202507"
    assert free_selector("ed25519", moment, {"ed25519202507", "ed25519202507-2"}) == "ed25519202507-3"
