"""What a sender demands of TLS is kept with each recipient in the queue (RFC 8689)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import QueuedRecipient
from delivery.reception.tls_demand import tls_demand
from mail.mime.headers import HeaderBlock
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import World

ALICE, CAROL, DAVE = "alice@example.org", "carol@remote.example", "dave@other.example"


@pytest.mark.parametrize(
    ("require_tls", "header", "demand"),
    [
        (False, b"Subject: x\r\n", ""),
        (True, b"Subject: x\r\n", "required"),
        (False, b"TLS-Required: No\r\n", "optional"),
        (False, b"tls-required:   NO \r\n", "optional"),
        (True, b"TLS-Required: No\r\n", "required"),
        (False, b"TLS-Required: Yes\r\n", ""),
        (False, b"TLS-Required: No, thanks\r\n", ""),
        (False, b"TLS-Required: No\r\nTLS-Required: No\r\n", ""),
        (False, b"X-TLS-Required: No\r\n", ""),
    ],
)
def test_parameter_and_field_give_the_demand(require_tls: bool, header: bytes, demand: str) -> None:
    assert tls_demand(require_tls, HeaderBlock.parse(header)) == demand


@given(st.binary(max_size=60))
def test_no_value_of_the_field_breaks_anything(value: bytes) -> None:
    assert tls_demand(False, HeaderBlock.parse(b"TLS-Required:" + value + b"\r\n")) in ("", "optional")


@pytest.mark.only_database("sqlite")
def test_a_submitted_message_takes_its_demand_into_the_queue(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        client.expect("250", "RSET")
        answer = client.deliver(letter(sender=ALICE), ALICE, CAROL, DAVE, parameters=" REQUIRETLS")
        assert answer.startswith("250")
        answer = client.deliver(b"TLS-Required: No\r\n" + letter(sender=ALICE), ALICE, CAROL)
        assert answer.startswith("250")
    demands = QueuedRecipient.objects.order_by("id").values_list("tls_demand", flat=True)
    assert list(demands) == ["required", "required", "optional"]
