import asyncio

from hypothesis import given, settings

from moxsite.setup.dnscheck.running import run_check
from moxsite.setup.needs.facts import Facts
from tests.setup.installations import advised, checked, installations


@settings(max_examples=60)
@given(installations())
def test_a_zone_made_of_our_own_advice_has_no_finding(facts: Facts) -> None:
    report = asyncio.run(run_check(checked(facts, advised(facts))))
    found = [(one.name, *map(str, one.errors + one.warnings)) for one in report.sections]
    assert [each for each in found if len(each) > 1] == []
