"""Testing a transport of the configuration, in any process: what it needs is made for the test alone."""

from dataclasses import dataclass

from django.conf import settings

from delivery.configuration.sections import Sending
from delivery.engine import Engine
from delivery.mtasts.fetch import PolicyFetcher
from delivery.mtasts.source import StoredPolicies
from delivery.probe.probe import DEADLINE_SECONDS, Trial, run_trial
from delivery.probe.report import ProbeReport
from delivery.smtp.client.source import source_addresses
from delivery.transports.group import DeliveryContext
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from mail.store.writer import writer

_GRACE_SECONDS = 5.0


class NoTest(ValueError):
    """The test can't be made. `field` is what has to be corrected: transport, sender or recipient."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom the test names to servers; without a recipient nobody, and it ends when mail could follow."""

    sender: Address | None = None
    recipient: Address | None = None


def read_envelope(sender: str, recipient: str) -> Envelope:
    """The envelope from what was typed; “<>” and nothing are the null sender. Raises NoTest."""
    null = sender.strip() in ("", "<>")
    return Envelope(
        None if null else _address("sender", sender),
        _address("recipient", recipient) if recipient.strip() else None,
    )


def try_transport(name: str, envelope: Envelope) -> ProbeReport:
    """Test a transport as it is configured; no mail is sent. Blocks for at most half a minute.

    Not for event loops. Raises NoTest.
    """
    trial = _trial(name, envelope)
    engine = Engine(
        nameserver=settings.MOXSITE_RESOLVER,
        trusted_nameserver=settings.MOXSITE_RESOLVER is not None,
        ca_file=settings.MOXSITE_TLS_CA_FILE or None,
    )
    with engine:
        context = DeliveryContext(
            resolver=engine.resolver,
            trust=engine.trust,
            ehlo_name=settings.MOXSITE_HOSTNAME,
            remote_port=settings.MOXSITE_REMOTE_SMTP_PORT,
            source_ips=source_addresses(settings.MOXSITE_IPS),
            policies=StoredPolicies(writer(), PolicyFetcher(settings.MOXSITE_TLS_CA_FILE or None)),
        )
        return engine.run(run_trial(trial, context), DEADLINE_SECONDS + _GRACE_SECONDS)


def _trial(name: str, envelope: Envelope) -> Trial:
    try:
        transport = compile_snapshot().section(Sending).transports.get(name)
    except InvalidConfiguration as error:
        raise NoTest("transport", f"The configuration can’t be used: {error}") from None
    if transport is None:
        raise NoTest("transport", f"There is no transport {name}.")
    if transport.unusable:
        raise NoTest("transport", f"The transport can’t be used: {transport.unusable}")
    if transport.kind.name == "fail":
        raise NoTest("transport", "This transport asks nobody: every attempt ends with its reply.")
    if transport.kind.by_domain and envelope.recipient is None:
        raise NoTest("recipient", "Give a recipient: its domain says which servers there are.")
    return Trial(
        name,
        transport.kind,
        transport.settings,
        str(envelope.sender or ""),
        str(envelope.recipient or ""),
    )


def _address(field: str, text: str) -> Address:
    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">"))
    except AddressError as error:
        raise NoTest(field, f"This is no address: {error}.") from None
