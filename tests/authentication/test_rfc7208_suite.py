"""The test suite of RFC 7208 (rfc7208-tests.LICENSE), all groups, asked of a name server over loopback."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dns.name
import pytest

from mail import clock
from mail.authentication.results import SpfResult
from mail.authentication.spf.check import HELO, MAILFROM, evaluate
from mail.authentication.spf.lookups import Lookups
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

SUITE: list[dict[str, Any]] = json.loads(Path(__file__).with_name("rfc7208-tests.json").read_text())
CASES = [(group, name) for group, scenario in enumerate(SUITE) for name in scenario["tests"]]
TYPES = ("A", "AAAA", "MX", "TXT", "PTR", "SPF", "CNAME")


@pytest.fixture(scope="module", params=range(len(SUITE)), ids=lambda group: SUITE[group]["description"])
def zone(request: pytest.FixtureRequest) -> Iterator[tuple[int, FakeDns]]:
    """The name server of one group."""
    with FakeDns() as server:
        for name, entries in SUITE[request.param]["zonedata"].items():
            fill(server, name, entries)
        yield request.param, server


def fill(server: FakeDns, name: str, entries: list[Any]) -> None:
    """What the suite says about a name; SPF records stand for TXT records where there are none."""
    name = dns_name(name)
    records: dict[str, list[str]] = {}
    for entry in entries:
        if entry == "TIMEOUT":
            continue
        ((kind, value),) = entry.items()
        if value == "TIMEOUT":
            server.fail(name, "servfail", record_type=kind)
        else:
            records.setdefault(kind, []).append(zone_form(kind, value))
    if "TXT" not in records and "SPF" in records:
        records["TXT"] = records["SPF"]
    records.pop("SPF", None)
    records = {kind: [value for value in values if value] for kind, values in records.items()}
    records = {kind: values for kind, values in records.items() if values}
    if "TIMEOUT" in entries:
        for kind in set(TYPES) - set(records):
            server.fail(name, "servfail", record_type=kind)
    server.add(name, records)


def zone_form(kind: str, value: Any) -> str:
    if value == "NONE":
        return ""
    if kind == "MX":
        return f"{value[0]} {absolute(value[1])}"
    if kind in ("TXT", "SPF"):
        return " ".join(map(quoted, [value] if isinstance(value, str) else value))
    return absolute(value) if kind in ("PTR", "CNAME") else str(value)


def absolute(name: str) -> str:
    return name.removesuffix(".") + "."


def dns_name(name: str) -> str:
    """As questions have it: characters that are none of a host name are escaped."""
    return dns.name.from_text(name).to_text()


def quoted(text: str) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


def result_of(server: FakeDns, case: dict[str, Any]) -> SpfResult:
    """Ours. The suite has senders that no SMTP server lets in; so it begins behind what knows addresses."""
    sender, helo = case["mailfrom"], case["helo"]

    async def ask() -> SpfResult:
        loop = asyncio.get_running_loop()
        resolver = Resolver(server.address, deadline_seconds=5)
        lookups = Lookups(resolver, loop, case["host"], clock.monotonic() + 20)
        identity, domain = (MAILFROM, sender.rpartition("@")[2]) if sender else (HELO, helo)
        with ThreadPoolExecutor(1) as threads:
            return await loop.run_in_executor(
                threads, evaluate, case["host"], sender, helo, "receiver.example", lookups, identity, domain
            )

    return asyncio.run(ask())


def test_all_cases_of_the_group_give_the_result_that_is_demanded(zone: tuple[int, FakeDns]) -> None:
    group, server = zone
    wrong = {}
    for name, case in SUITE[group]["tests"].items():
        found = result_of(server, case)
        allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
        told = found.explanation or "DEFAULT"
        if found.result not in allowed or told != case.get("explanation", told):
            wrong[name] = (found, case)
    assert wrong == {}


def test_the_suite_is_complete() -> None:
    assert (len(SUITE), len(CASES)) == (16, 203)
