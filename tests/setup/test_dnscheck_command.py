import json
import socket
from collections.abc import Iterator
from io import StringIO
from ipaddress import ip_address
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from delivery.models import Transport
from mail.configuration.dkim import make_keys
from mail.dkim.keys import ED25519
from mail.models import DkimKey
from tests.world.dns import FakeDns
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def dns(world: World) -> Iterator[FakeDns]:
    """A resolver that knows nothing but the nameservers of com."""
    with FakeDns({"com": {"NS": ["ns.com."]}}) as fake:
        fake.authentic.add("com")
        unused = _unused_port()
        with override_settings(
            MOXSITE_RESOLVER=fake.address,
            MOXSITE_IPS=(ip_address("127.0.0.1"),),
            MOXSITE_REMOTE_SMTP_PORT=unused,
        ):
            yield fake


def run(name: str, *arguments: str) -> tuple[str, int]:
    """What a command prints, and its exit status."""
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def publish(dns: FakeDns, zone_file: str) -> None:
    """Let the fake nameserver have the records of a zone file."""
    for line in zone_file.splitlines():
        if line and not line.startswith(";"):
            name, _, kind, value = line.split(" ", 3)
            known = dns.zones.get(name.removesuffix("."), {}).get(kind, [])
            dns.add(name, {kind: [*known, value]})


def checked(*arguments: str) -> tuple[dict[str, Any], int]:
    """The sections of the check by name."""
    printed, status = run("dnscheck", "example.org", "--json", *arguments)
    report = json.loads(printed)
    assert report["domain"] == "example.org"
    assert all(set(each) == {"name", "errors", "warnings", "instructions"} for each in report["sections"])
    return {each["name"]: each for each in report["sections"]}, status


def socks(name: str, *ips: str) -> None:
    Transport(name=name, kind="socks", settings={"address": "127.0.0.1:9050", "remote_ips": list(ips)}).save()


def test_an_unrouted_proxy_missing_in_spf_is_an_error_that_names_its_address(
    world: World, dns: FakeDns
) -> None:
    make_keys(world.example_org, [ED25519])
    socks("tunnel", "192.0.2.7")
    dns.add("example.org", {"TXT": ['"v=spf1 mx -all"'], "MX": ["10 mail.example.org."]})
    sections, status = checked()
    assert status == 1
    (found,) = [each for each in sections["SPF"]["errors"] if each.startswith("SPF of example.org ")]
    assert "192.0.2.7" in found
    assert 'example.org. IN TXT "v=spf1 ip4:192.0.2.7 mx -all"' in found
    assert any("192.0.2.7" in each for each in sections["Reverse DNS"]["errors"])


def test_what_dnsrecords_prints_satisfies_the_check_of_dns(world: World, dns: FakeDns) -> None:
    make_keys(world.example_org, [ED25519])
    socks("tunnel", "198.51.100.7")
    publish(dns, run("dnsrecords", "example.org")[0])
    dns.add("mail.example.org", {"A": ["127.0.0.1"]})
    dns.authentic.update(dns.zones)
    sections, _ = checked()
    for name in ("SPF", "DKIM", "DMARC", "TLSRPT", "SRV", "DNSSEC"):
        assert sections[name]["errors"] == [], sections[name]
    assert sections["TLS"]["errors"], "nothing listens at the port"


def test_a_pasted_zone_is_checked_before_it_is_published(world: World, dns: FakeDns, tmp_path: Any) -> None:
    (key,) = make_keys(world.example_org, [ED25519])
    zone = tmp_path / "zone"
    zone.write_text(run("dnsrecords", "example.org")[0])
    sections, _ = checked("--zone", str(zone), "--whole")
    assert sections["DKIM"]["errors"] == []
    assert dns.asked(key.dns_name, "TXT") == 0
    zone.write_text("www NONSENSE x\n")
    with pytest.raises(CommandError, match="near line"):
        run("dnscheck", "example.org", "--zone", str(zone))


def test_records_in_unicode_domains_are_asked_in_ascii(world: World, dns: FakeDns) -> None:
    world.example_org.name = "bücher.example"
    world.example_org.save()
    printed, _ = run("dnsrecords", "bücher.example")
    assert "xn--bcher-kva.example. IN MX 10 mail.example.org." in printed


def test_prepared_keys_are_printed_and_retired_ones_are_not(world: World, dns: FakeDns) -> None:
    (prepared,) = make_keys(world.example_org, [ED25519], "next", DkimKey.State.PREPARED)
    (retired,) = make_keys(world.example_org, [ED25519], "old", DkimKey.State.RETIRED)
    printed, _ = run("dnsrecords", "example.org")
    assert prepared.dns_name in printed
    assert retired.dns_name not in printed


@pytest.mark.parametrize("name", ["example.net", "not a domain", ""])
def test_an_unknown_domain_is_refused_with_another_status(world: World, name: str) -> None:
    for command in ("dnscheck", "dnsrecords"):
        with pytest.raises(CommandError) as refused:
            call_command(command, name)
        assert refused.value.returncode == 2


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
