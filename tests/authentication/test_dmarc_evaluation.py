"""When a message passes the policy of its author's domain, and what happens when it does not."""

import asyncio

import pytest

from mail.authentication.dmarc.discovery import Policy, find_policy
from mail.authentication.dmarc.evaluation import evaluate
from mail.authentication.dmarc.record import DmarcRecord
from mail.authentication.results import Disposition, DkimResult, DmarcResult, Result, SpfResult
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

NONE, QUARANTINE, REJECT = Disposition.NONE, Disposition.QUARANTINE, Disposition.REJECT
AUTHOR = "bank.example"
STRANGER = "remote.example"


def judged(
    spf: tuple[Result, str] = (Result.NONE, STRANGER),
    *dkim: tuple[Result, str],
    record: DmarcRecord | None = None,
    drawn: int = 0,
    author: str = AUTHOR,
) -> DmarcResult:
    """The result under a policy of rejection, or under `record`."""
    return evaluate(
        author,
        Policy(record or DmarcRecord(REJECT, QUARANTINE), AUTHOR),
        SpfResult(spf[0], "mailfrom", spf[1]),
        [DkimResult(result, domain) for result, domain in dkim],
        drawn=drawn,
    )


@pytest.mark.parametrize(
    ("spf", "dkim", "result", "asks"),
    [
        ((Result.PASS, AUTHOR), [], Result.PASS, NONE),
        ((Result.PASS, "eu.bank.example"), [], Result.PASS, NONE),
        ((Result.PASS, STRANGER), [], Result.FAIL, REJECT),
        ((Result.FAIL, AUTHOR), [], Result.FAIL, REJECT),
        ((Result.SOFTFAIL, AUTHOR), [], Result.FAIL, REJECT),
        ((Result.NONE, AUTHOR), [(Result.PASS, AUTHOR)], Result.PASS, NONE),
        ((Result.NONE, AUTHOR), [(Result.PASS, STRANGER)], Result.FAIL, REJECT),
        ((Result.NONE, AUTHOR), [(Result.FAIL, AUTHOR), (Result.PASS, "x.bank.example")], Result.PASS, NONE),
        ((Result.NONE, AUTHOR), [(Result.POLICY, AUTHOR), (Result.NEUTRAL, AUTHOR)], Result.FAIL, REJECT),
        ((Result.TEMPERROR, AUTHOR), [], Result.TEMPERROR, NONE),
        ((Result.TEMPERROR, STRANGER), [], Result.FAIL, REJECT),
        ((Result.NONE, AUTHOR), [(Result.TEMPERROR, AUTHOR)], Result.TEMPERROR, NONE),
        ((Result.NONE, AUTHOR), [(Result.TEMPERROR, STRANGER)], Result.FAIL, REJECT),
        ((Result.TEMPERROR, AUTHOR), [(Result.PASS, AUTHOR)], Result.PASS, NONE),
    ],
)
def test_one_aligned_method_that_passes_is_enough(
    spf: tuple[Result, str], dkim: list[tuple[Result, str]], result: Result, asks: Disposition
) -> None:
    found = judged(spf, *dkim)
    assert (found.result, found.asks) == (result, asks)
    assert found.undecided is (result is Result.TEMPERROR)


def test_strict_alignment_wants_the_same_domain() -> None:
    strict = DmarcRecord(REJECT, REJECT, strict_dkim=True, strict_spf=True)
    assert judged((Result.PASS, "eu.bank.example"), record=strict).result is Result.FAIL
    assert judged((Result.NONE, ""), (Result.PASS, "eu.bank.example"), record=strict).result is Result.FAIL
    assert judged((Result.PASS, AUTHOR), record=strict).result is Result.PASS


def test_subdomains_have_the_policy_for_subdomains() -> None:
    found = judged(author="news.bank.example")
    assert (found.policy, found.asks, found.policy_domain) == (QUARANTINE, QUARANTINE, AUTHOR)


@pytest.mark.parametrize(
    ("policy", "drawn", "asks"),
    [
        (REJECT, 24, REJECT),
        (REJECT, 25, QUARANTINE),
        (QUARANTINE, 24, QUARANTINE),
        (QUARANTINE, 25, NONE),
        (NONE, 25, NONE),
    ],
)
def test_a_policy_for_a_part_is_the_next_weaker_one_for_the_rest(
    policy: Disposition, drawn: int, asks: Disposition
) -> None:
    assert judged(record=DmarcRecord(policy, policy, percent=25), drawn=drawn).asks is asks


def test_a_missing_answer_leaves_open_only_what_would_be_rejected() -> None:
    quarantine = DmarcRecord(QUARANTINE, QUARANTINE)
    assert not judged((Result.TEMPERROR, AUTHOR), record=quarantine).undecided


@pytest.mark.parametrize(
    ("policy", "result"),
    [
        (Policy(), Result.NONE),
        (Policy(None, AUTHOR), Result.PERMERROR),
        (Policy(unknown=True), Result.TEMPERROR),
    ],
)
def test_without_a_policy_nothing_is_asked_for(policy: Policy, result: Result) -> None:
    found = evaluate(AUTHOR, policy, SpfResult(Result.FAIL, "mailfrom", AUTHOR), [], drawn=0)
    assert (found.result, found.asks, found.undecided) == (result, NONE, False)


def discover(author: str, records: dict[str, list[str]], failing: str = "") -> Policy:
    zones = {f"_dmarc.{name}": {"TXT": [f'"{text}"' for text in texts]} for name, texts in records.items()}
    with FakeDns(zones) as server:
        if failing:
            server.fail(f"_dmarc.{failing}", "servfail")
        return asyncio.run(find_policy(Resolver(server.address), author, 5))


def test_the_policy_of_the_domain_itself_comes_before_that_of_its_organization() -> None:
    records = {"bank.example": ["v=DMARC1; p=reject"], "eu.bank.example": ["v=DMARC1; p=none"]}
    assert discover("eu.bank.example", records).domain == "eu.bank.example"
    assert discover("us.bank.example", records).domain == "bank.example"
    assert discover("a.b.bank.example", records).domain == "bank.example"
    assert discover("other.example", records) == Policy()


def test_several_policies_at_one_place_are_none() -> None:
    found = discover("bank.example", {"bank.example": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]})
    assert found == Policy(None, "bank.example")


def test_other_texts_beside_a_policy_do_not_matter() -> None:
    found = discover("bank.example", {"bank.example": ["hello", "v=DMARC1; p=reject"]})
    assert found.record == DmarcRecord(REJECT, REJECT)


@pytest.mark.parametrize("failing", ["eu.bank.example", "bank.example"])
def test_without_an_answer_the_policy_is_unknown(failing: str) -> None:
    assert discover("eu.bank.example", {}, failing).unknown
