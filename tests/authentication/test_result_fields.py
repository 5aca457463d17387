"""The header fields that tell mail programs what was found out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.address import Address
from mail.authentication.fields import authentication_results, received_spf
from mail.authentication.record import from_record, to_record
from mail.authentication.results import (
    Disposition,
    DkimResult,
    DmarcResult,
    IprevResult,
    Result,
    SenderResults,
    SpfResult,
)

FOUND = SenderResults(
    IprevResult(Result.PASS, "192.0.2.7", "mail.remote.example"),
    SpfResult(Result.NONE, "helo", "mail.remote.example"),
    SpfResult(Result.PASS, "mailfrom", "remote.example", "ip4:192.0.2.0/24"),
    (
        DkimResult(Result.PASS, "remote.example", "s1", "rsa-sha256", "AbCd+/12"),
        DkimResult(Result.FAIL, "list.example", "s2", "ed25519-sha256", "xyz", "the body was changed"),
    ),
    DmarcResult(Result.PASS, "remote.example", "remote.example", Disposition.REJECT),
)
texts = st.text(max_size=30)
results = st.sampled_from(Result)
found = st.builds(
    SenderResults,
    iprev=st.builds(IprevResult, result=results, ip=texts, name=texts),
    spf_helo=st.none() | st.builds(SpfResult, result=results, identity=texts, domain=texts),
    spf=st.builds(
        SpfResult, result=results, identity=st.sampled_from(["helo", "mailfrom"]), domain=texts, problem=texts
    ),
    dkim=st.lists(st.builds(DkimResult, result=results, domain=texts, reason=texts), max_size=3).map(tuple),
    dmarc=st.builds(
        DmarcResult,
        result=results,
        domain=texts,
        policy=st.none() | st.sampled_from(Disposition),
        asks=st.sampled_from(Disposition),
        reason=texts,
    ),
)


def test_authentication_results_of_everything() -> None:
    assert authentication_results("mail.example.org", FOUND) == (
        b"Authentication-Results: mail.example.org;\r\n"
        b"\tiprev=pass policy.iprev=192.0.2.7 (mail.remote.example);\r\n"
        b"\tspf=none smtp.helo=mail.remote.example;\r\n"
        b"\tspf=pass smtp.mailfrom=remote.example;\r\n"
        b'\tdkim=pass header.d=remote.example header.s=s1 header.a=rsa-sha256 header.b="AbCd+/12";\r\n'
        b'\tdkim=fail reason="the body was changed" header.d=list.example header.s=s2'
        b" header.a=ed25519-sha256 header.b=xyz;\r\n"
        b"\tdmarc=pass (p=reject) header.from=remote.example\r\n"
    )


def test_received_spf_of_an_envelope_sender() -> None:
    field = received_spf("mail.example.org", FOUND, Address("carol", "remote.example"), "client.example")
    assert field == (
        b"Received-SPF: pass\r\n"
        b"\t(mail.example.org: domain of remote.example designates 192.0.2.7 as permitted sender)\r\n"
        b"\tclient-ip=192.0.2.7;\r\n"
        b'\tenvelope-from="carol@remote.example";\r\n'
        b"\thelo=client.example;\r\n"
        b"\tidentity=mailfrom;\r\n"
        b"\treceiver=mail.example.org;\r\n"
        b'\tmechanism="ip4:192.0.2.0/24"\r\n'
    )


@given(found, texts)
def test_nothing_that_others_say_breaks_out_of_a_field(results: SenderResults, helo: str) -> None:
    sender = Address("a", "remote.example")
    for field in (
        authentication_results("mail.example.org", results),
        received_spf("mail.example.org", results, sender, helo),
    ):
        assert re.fullmatch(rb"[!-~]+: [ -~]+(\r\n\t[ -~]+)*\r\n", field)
        unquoted = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", field)
        assert b'"' not in unquoted
        assert unquoted.count(b"(") == unquoted.count(b")") <= 2


@given(found)
def test_what_is_kept_with_a_message_is_what_was_found(results: SenderResults) -> None:
    kept = from_record(to_record(results))
    assert kept is not None
    assert to_record(kept) == to_record(results)


@pytest.mark.parametrize(
    "record", [None, 5, "x", {}, {"iprev": 1}, {**to_record(FOUND), "spf": {"result": "?"}}]
)
def test_anything_else_is_no_record(record: object) -> None:
    assert from_record(record) is None


def test_a_record_is_small_and_complete() -> None:
    assert from_record(to_record(FOUND)) == FOUND
