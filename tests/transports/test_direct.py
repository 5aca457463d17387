"""Direct delivery: hosts in order, fallbacks, and what ends the search."""

import ssl

import pytest

from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome
from delivery.transports.group import GroupResult, Mail
from tests.transports.delivering import CAROL, DAVE, OTHER, Elsewhere, mail, trust_in
from tests.world.authority import Authority
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary, PeerSession

D, T, P = Outcome.DELIVERED, Outcome.TEMPORARY, Outcome.PERMANENT


def outcomes(result: GroupResult, of: Mail) -> list[Outcome]:
    return [each.outcome for each in result.of(of)]


def test_the_preferred_host_gets_the_message(elsewhere: Elsewhere) -> None:
    first = elsewhere.server("a.remote.example", Ordinary(), ip="127.0.0.2")
    second = elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "20 b.remote.example.", "10 a.remote.example.")
    result = elsewhere.deliver(mail(CAROL))
    assert result.delivered
    assert (len(first.messages), len(second.sessions)) == (1, 0)
    connection = result.results[1, CAROL].connection
    assert connection is not None
    assert (connection.host, connection.ip) == ("a.remote.example", "127.0.0.2")
    assert [(each.host, each.failure) for each in result.tries] == [("a.remote.example", None)]


def test_a_domain_without_mx_is_its_own_host(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary())
    assert elsewhere.deliver(mail(CAROL)).delivered


def test_an_address_literal_is_dialled_as_it_is(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("unused.example", Ordinary(), ip="127.0.0.4")
    assert elsewhere.deliver(mail("carol@[127.0.0.4]")).delivered
    assert "RCPT TO:<carol@[127.0.0.4]>" in server.lines


@pytest.mark.parametrize(
    "bad",
    [
        Ordinary(greeting="421 busy"),
        Ordinary(mail="451 4.3.0 busy"),
        Ordinary(rcpt={CAROL: "450 4.2.0 greylisted"}),
        Ordinary(data="451 4.3.0 busy"),
        Ordinary(end=("451 4.3.0 busy",)),
    ],
    ids=["greeting", "mail", "rcpt", "data", "end"],
)
def test_a_temporary_failure_leads_to_the_next_host(elsewhere: Elsewhere, bad: Ordinary) -> None:
    elsewhere.server("a.remote.example", bad, ip="127.0.0.2")
    good = elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    assert elsewhere.deliver(mail(CAROL)).delivered
    assert len(good.messages) == 1


@pytest.mark.parametrize(
    ("bad", "stage"),
    [
        (Ordinary(greeting="554 no"), "greeting"),
        (Ordinary(mail="550 5.7.1 no"), "mail"),
        (Ordinary(rcpt={CAROL: "550 5.1.1 no"}), "rcpt"),
        (Ordinary(end=("554 5.6.0 no",)), "end"),
    ],
)
def test_a_permanent_failure_ends_the_search(elsewhere: Elsewhere, bad: Ordinary, stage: str) -> None:
    elsewhere.server("a.remote.example", bad, ip="127.0.0.2")
    other = elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    result = elsewhere.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.stage, result.remote) == (P, stage, True)
    assert other.sessions == []


def test_only_those_that_still_wait_go_to_the_next_host(elsewhere: Elsewhere) -> None:
    elsewhere.server("a.remote.example", Ordinary(rcpt={DAVE: "450 later"}), ip="127.0.0.2")
    second = elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    assert elsewhere.deliver(mail(CAROL, DAVE)).delivered
    assert [line for line in second.lines if line.startswith("RCPT")] == [f"RCPT TO:<{DAVE}>"]


def test_what_only_this_host_can_t_take_goes_to_the_next(elsewhere: Elsewhere) -> None:
    elsewhere.server("a.remote.example", Ordinary(extensions=("SIZE 100",)), ip="127.0.0.2")
    elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    assert elsewhere.deliver(mail(CAROL, size=200)).delivered


@pytest.mark.parametrize(
    ("demand", "enhanced"),
    [
        (mail(CAROL, size=200), "5.3.4"),
        (mail(CAROL, smtputf8=True), "5.6.7"),
        (mail("çarol@remote.example"), "5.6.7"),
    ],
    ids=["size", "smtputf8", "address"],
)
def test_what_no_host_can_take_is_permanent(elsewhere: Elsewhere, demand: Mail, enhanced: str) -> None:
    server = elsewhere.server("remote.example", Ordinary(extensions=("SIZE 100",)))
    (result,) = elsewhere.deliver(demand).of(demand)
    assert (result.outcome, result.remote, result.reply.enhanced) == (P, False, enhanced)
    assert not any(line.startswith("MAIL") for line in server.lines)


def test_eight_bit_content_goes_out_to_a_server_that_knows_nothing_of_it(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("remote.example", Ordinary(extensions=()))
    assert elsewhere.deliver(mail(CAROL, content=b"\xff\r\n", eight_bit=True)).delivered
    assert server.messages == [b"\xff\r\n.\r\n"]


def test_a_host_without_address_is_skipped(elsewhere: Elsewhere) -> None:
    elsewhere.server("b.remote.example", Ordinary())
    elsewhere.domain("remote.example", "10 nowhere.example.", "20 b.remote.example.")
    result = elsewhere.deliver(mail(CAROL))
    assert result.delivered
    assert [each.failure.stage if each.failure else None for each in result.tries] == [Stage.RESOLVE, None]


def test_hosts_without_addresses_are_temporary(elsewhere: Elsewhere) -> None:
    elsewhere.domain("remote.example", "10 nowhere.example.")
    result = elsewhere.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.stage) == (T, Stage.RESOLVE)


def test_the_second_address_is_dialled_when_the_first_refuses(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("mx.remote.example", Ordinary(), ip="127.0.0.2")
    elsewhere.dns.add("mx.remote.example", {"A": ["127.0.0.9", "127.0.0.2"]})
    elsewhere.domain("remote.example", "10 mx.remote.example.")
    assert elsewhere.deliver(mail(CAROL)).delivered
    assert len(server.messages) == 1


def test_a_host_with_no_address_that_answers_names_them(elsewhere: Elsewhere) -> None:
    elsewhere.server("other.example", Ordinary())
    elsewhere.dns.add("remote.example", {"A": [f"127.0.1.{number}" for number in range(1, 6)]})
    result = elsewhere.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.stage) == (T, Stage.CONNECT)
    assert "127.0.1.1 port" in result.reply.text
    assert result.reply.text.endswith("; and 2 more addresses")


def test_no_other_address_is_dialled_once_one_has_answered(elsewhere: Elsewhere) -> None:
    first = elsewhere.server("mx.remote.example", Ordinary(greeting="421 busy"), ip="127.0.0.2")
    second = elsewhere.server("mx.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 mx.remote.example.")
    assert outcomes(elsewhere.deliver(one := mail(CAROL)), one) == [T]
    assert (len(first.sessions), len(second.sessions)) == (1, 0)


def test_an_address_family_can_be_left_out(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary())
    result = elsewhere.deliver(mail(CAROL), settings={"ipv4": False}).results[1, CAROL]
    assert (result.outcome, result.stage) == (T, Stage.RESOLVE)
    assert "only IPv6" in result.reply.text


def test_ipv6_is_used_where_there_is_nothing_else(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary(), ip="::1")
    assert elsewhere.deliver(mail(CAROL)).delivered


def test_a_domain_that_accepts_no_mail_is_permanent_and_nobody_is_asked(elsewhere: Elsewhere) -> None:
    elsewhere.domain("remote.example", "0 .")
    result = elsewhere.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.reply.code, result.remote) == (P, 556, False)


def test_domains_of_one_group_are_delivered_to_each_at_its_own_hosts(elsewhere: Elsewhere) -> None:
    here = elsewhere.server("remote.example", Ordinary(), ip="127.0.0.2")
    there = elsewhere.server("other.example", Ordinary(), ip="127.0.0.3")
    assert elsewhere.deliver(mail(CAROL, OTHER)).delivered
    assert (len(here.messages), len(there.messages)) == (1, 1)


def test_encryption_is_used_where_it_is_offered(elsewhere: Elsewhere, authority: Authority) -> None:
    elsewhere.server("remote.example", Ordinary(tls=authority.server("remote.example")))
    elsewhere.trust = trust_in(authority.ca_file)
    connection = elsewhere.deliver(mail(CAROL)).results[1, CAROL].connection
    assert connection is not None
    assert connection.tls is not None
    assert connection.tls.verified


def test_a_bad_certificate_is_better_than_clear_text(elsewhere: Elsewhere, authority: Authority) -> None:
    elsewhere.server("remote.example", Ordinary(tls=authority.server("wrong.example")))
    connection = elsewhere.deliver(mail(CAROL)).results[1, CAROL].connection
    assert connection is not None
    assert connection.tls is not None
    assert not connection.tls.verified


def broken_tls() -> ssl.SSLContext:
    """A context without certificate: no handshake succeeds."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


@pytest.mark.parametrize(
    "rules",
    [Ordinary(tls=broken_tls()), Ordinary(tls=broken_tls(), starttls="454 4.7.0 not now")],
    ids=["handshake", "refused"],
)
def test_where_encryption_does_not_work_the_message_goes_in_clear_text(
    elsewhere: Elsewhere, rules: Ordinary
) -> None:
    server = elsewhere.server("remote.example", rules)
    result = elsewhere.deliver(mail(CAROL))
    assert result.delivered
    assert len(server.sessions) == 2
    assert "STARTTLS" not in server.sessions[1].lines


def test_a_client_certificate_that_is_demanded_leads_to_clear_text(
    elsewhere: Elsewhere, authority: Authority
) -> None:
    demanding = authority.server("remote.example")
    demanding.verify_mode = ssl.CERT_REQUIRED
    demanding.load_verify_locations(authority.ca_file)
    server = elsewhere.server("remote.example", Ordinary(tls=demanding))
    assert elsewhere.deliver(mail(CAROL)).delivered
    assert len(server.sessions) == 2


def test_several_mails_share_a_connection(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("remote.example", Ordinary())
    mails = [mail(CAROL, key=key, content=b"%d\r\n" % key) for key in range(5)]
    assert elsewhere.deliver(*mails).delivered
    assert len(server.sessions) == 1
    assert server.messages == [b"%d\r\n.\r\n" % key for key in range(5)]


def test_recipients_that_were_too_many_follow_on_the_same_connection(elsewhere: Elsewhere) -> None:
    recipients = [f"r{number}@remote.example" for number in range(7)]
    server = elsewhere.server("remote.example", Ordinary(extensions=("PIPELINING", "LIMITS RCPTMAX=3")))
    assert elsewhere.deliver(mail(*recipients)).delivered
    assert (len(server.sessions), len(server.messages)) == (1, 3)


def test_a_second_mail_after_a_refused_one_begins_with_a_reset(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("remote.example", Ordinary(rcpt={DAVE: "550 no"}))
    bad, good = mail(DAVE, key=1), mail(CAROL, key=2)
    result = elsewhere.deliver(bad, good)
    assert (outcomes(result, bad), outcomes(result, good)) == ([P], [D])
    assert (len(server.sessions), "RSET" in server.lines) == (1, True)


class _OneMailOnly(Ordinary):
    """Ends the connection after the first message, as it may."""

    def _take_message(self, peer: PeerSession, accepted: int) -> None:
        super()._take_message(peer, accepted)
        if peer.read_line() != "QUIT":
            peer.send("421 4.7.0 one message is enough")
        peer.close()


def test_a_server_that_ends_the_connection_between_mails_gets_the_rest_over_another(
    elsewhere: Elsewhere,
) -> None:
    server = elsewhere.server("remote.example", _OneMailOnly())
    assert elsewhere.deliver(*(mail(CAROL, key=key) for key in range(3))).delivered
    assert (len(server.sessions), len(server.messages)) == (3, 3)


def test_no_more_mails_than_announced_go_over_a_connection(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("remote.example", Ordinary(extensions=("LIMITS MAILMAX=2",)))
    assert elsewhere.deliver(*(mail(CAROL, key=key) for key in range(5))).delivered
    assert [len(session.messages) for session in server.sessions] == [2, 2, 1]


def test_results_are_told_as_soon_as_they_are_final(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary(rcpt={DAVE: "450 later"}))
    elsewhere.deliver(mail(CAROL, DAVE, key=1), mail(CAROL, key=2))
    assert [list(told.results) for told in elsewhere.settled] == [[(1, CAROL)], [(2, CAROL)]]


def test_a_message_that_may_have_arrived_is_not_sent_to_another_host(elsewhere: Elsewhere) -> None:
    class Lost(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            peer.send("354 go")
            peer.read_message()
            peer.close()

    elsewhere.server("a.remote.example", Lost(extensions=PLAIN_EXTENSIONS), ip="127.0.0.2")
    second = elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    assert outcomes(elsewhere.deliver(one := mail(CAROL)), one) == [T]
    assert second.sessions == []


def test_a_silent_host_does_not_keep_the_next_waiting_for_ever(elsewhere: Elsewhere) -> None:
    elsewhere.hurry(greeting=0.1)
    elsewhere.server("a.remote.example", lambda peer: peer.wait_for_close(), ip="127.0.0.2")
    elsewhere.server("b.remote.example", Ordinary(), ip="127.0.0.3")
    elsewhere.domain("remote.example", "10 a.remote.example.", "20 b.remote.example.")
    assert elsewhere.deliver(mail(CAROL)).delivered


def test_a_session_that_drags_on_is_ended(elsewhere: Elsewhere) -> None:
    class Dragging(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            while not peer.client_closed.is_set():
                peer.send("354-patience")
                peer.client_closed.wait(0.02)

    elsewhere.hurry(session=0.3)
    elsewhere.server("remote.example", Dragging())
    result = elsewhere.deliver(mail(CAROL)).results[1, CAROL]
    assert result.outcome is T
    assert "longer than 0.3 s" in result.reply.text
