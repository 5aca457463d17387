"""The keys that sign mail: what a snapshot holds of them, and how they are made and retired."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction

from mail import clock
from mail.configuration.rules.dkim import free_selector
from mail.configuration.snapshot import register_section
from mail.configuration.validated import lock_rows
from mail.dkim.keys import SigningKey, UnusableKey, generate_keys, load_key
from mail.models import DkimKey, Domain
from mail.secrets import SealBroken

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys that sign at present, ready for use, by the name of their domain."""

    by_domain: Mapping[str, tuple[SigningKey, ...]]

    def get(self, domain: str) -> tuple[SigningKey, ...]:
        """The keys of a domain; none for one that does not sign."""
        return self.by_domain.get(domain, ())


def compile_signing_keys() -> SigningKeys:
    """All keys that sign. One that can't be used is reported and left out: mail must not wait for it."""
    found: dict[str, tuple[SigningKey, ...]] = {}
    for row in DkimKey.objects.filter(state=DkimKey.State.SIGNING).select_related("domain"):
        name = row.domain.name
        try:
            found[name] = (*found.get(name, ()), load_key(name, row.selector, row.private_key))
        except (SealBroken, UnusableKey) as error:
            log.error("a DKIM key can't be used", extra={"fields": {"key": str(row), "reason": str(error)}})
    return SigningKeys(MappingProxyType(found))


def register() -> None:
    """Let snapshots have this section."""
    register_section(SigningKeys, compile_signing_keys)


def make_keys(
    domain: Domain, algorithms: Sequence[str], selector: str = "", state: str = DkimKey.State.SIGNING
) -> list[DkimKey]:
    """New keys of a domain. Several get selectors of their own, made from `selector` if there is one.

    Raises ValidationError when a selector can't be used or has a key already; then nothing is made.
    """
    pairs = [(algorithm, generate_keys(algorithm)) for algorithm in algorithms]  # before anything is locked
    moment = clock.now()
    made = []
    with transaction.atomic():
        lock_rows(Domain.objects.filter(pk=domain.pk))
        for algorithm, pair in pairs:
            taken = set(domain.dkim_keys.values_list("selector", flat=True))
            chosen = _selector(selector, algorithm, several=len(pairs) > 1)
            key = DkimKey(
                domain=domain,
                selector=chosen or free_selector(algorithm, moment, taken),
                algorithm=algorithm,
                public_key=pair.public_key,
                state=state,
                created=moment,
            )
            key.set_private_key(pair.private_key)
            key.save()
            made.append(key)
    return made


def activate(key: DkimKey) -> None:
    """Let the key sign from now on."""
    _change(key, DkimKey.State.SIGNING, None)


def retire(key: DkimKey) -> None:
    """Let the key sign no more. Its record serves for mail that is still on its way."""
    _change(key, DkimKey.State.RETIRED, clock.now())


def _change(key: DkimKey, state: str, retired: clock.Moment | None) -> None:
    key.state, key.retired = state, retired
    key.save()


def _selector(wanted: str, algorithm: str, *, several: bool) -> str:
    return f"{wanted}-{algorithm.partition('-')[0]}" if wanted and several else wanted
