"""A transport that fails on purpose."""

import pytest

from delivery.smtp.client.results import Outcome
from tests.transports.delivering import CAROL, DAVE, Elsewhere, mail


@pytest.mark.parametrize(("code", "outcome"), [(450, Outcome.TEMPORARY), (550, Outcome.PERMANENT)])
def test_every_recipient_fails_with_the_configured_reply(
    elsewhere: Elsewhere, code: int, outcome: Outcome
) -> None:
    settings = {"smtp_code": code, "smtp_message": "mail to this domain is not allowed"}
    one = mail(CAROL, DAVE)
    for result in elsewhere.deliver(one, kind="fail", settings=settings).of(one):
        assert result.outcome is outcome
        assert str(result.reply) == f"{code} {code // 100}.7.0 mail to this domain is not allowed"
        assert not result.remote
    assert elsewhere.dns.queries == []


def test_without_settings_it_fails_for_good_and_says_that_it_is_meant_to(elsewhere: Elsewhere) -> None:
    one = mail(CAROL)
    (result,) = elsewhere.deliver(one, kind="fail").of(one)
    assert (result.outcome, result.reply.code) == (Outcome.PERMANENT, 554)
    assert "configured to fail" in result.reply.text
