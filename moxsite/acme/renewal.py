"""Obtains what is missing and renews what ends, gently: few orders at a time, longer pauses after failures.

Authorities allow about five failures an hour for a name (Let's Encrypt). After a failure a name waits an
hour, then two, four and so on up to a day; when the authority has had enough, all wait.
"""

import logging
import random
from typing import Final

from django.conf import settings

from mail import clock
from mail.configuration.certificates import store_certificate
from mail.models import Certificate
from mail.secrets import SealBroken
from mail.tls.errors import CertificateError
from moxsite.acme.account import forget_account, open_client
from moxsite.acme.addresses import has_address
from moxsite.acme.client import ORDER_SECONDS, AcmeClient, new_key
from moxsite.acme.directories import directory_url
from moxsite.acme.names import WantedName, wanted_names
from moxsite.acme.problems import AcmeProblem
from moxsite.models import AcmeChallenge, AcmeName

log = logging.getLogger(__name__)

MOST_ORDERS: Final = 4
"""In one round; a job's lease ends after ten minutes."""
RENEW_AT: Final = 3
"""When a third of the time is left."""
FIRST_PAUSE: Final = clock.HOUR
LONGEST_PAUSE: Final = clock.DAY

State = AcmeName.State
_NO_ADDRESS: Final = "The name has no address in DNS. Publish its A or AAAA record."


def renew_certificates() -> None:
    """One round; a failure of one name keeps no other from being served."""
    directory = directory_url(settings.MOXSITE_ACME_DIRECTORY)
    if not directory:
        return
    AcmeChallenge.objects.filter(created__lt=clock.now() - clock.DAY).delete()
    give_up = clock.monotonic() + MOST_ORDERS * ORDER_SECONDS
    client, orders = None, 0
    for wanted, row in _due(_known(wanted_names())):
        if clock.monotonic() > give_up or orders == MOST_ORDERS:
            return
        if not has_address(wanted.name):
            _not_in_dns(row, wanted)
            continue
        orders += 1
        try:
            client = _obtain_with(directory, client, row)
        except AcmeProblem as problem:
            _failed(row, problem)
            if problem.wait:
                _let_all_wait(problem.wait)
                return


def stored_certificate(name: str) -> Certificate | None:
    """What is in force for a name, of those that were obtained by ACME."""
    rows = Certificate.objects.filter(source=Certificate.Source.ACME).order_by("-not_after")
    return next((row for row in rows if name in row.names), None)


def _known(wanted: list[WantedName]) -> list[tuple[WantedName, AcmeName]]:
    """The wanted names with their rows; rows of others go."""
    names = [each.name for each in wanted]
    AcmeName.objects.exclude(name__in=names).delete()
    AcmeName.objects.bulk_create([AcmeName(name=name) for name in names], ignore_conflicts=True)
    rows = {row.name: row for row in AcmeName.objects.all()}
    return [(each, rows[each.name]) for each in wanted if each.name in rows]


def _due(known: list[tuple[WantedName, AcmeName]]) -> list[tuple[WantedName, AcmeName]]:
    """Those that need a certificate and may be tried, what must be there first."""
    now = clock.now()
    due = [(wanted, row) for wanted, row in known if row.next_attempt <= now and _needs_one(row.name)]
    return sorted(due, key=lambda pair: (pair[0].is_optional, pair[1].next_attempt))


def _needs_one(name: str) -> bool:
    stored = stored_certificate(name)
    if stored is None:
        return True
    lifetime, left = stored.not_after - stored.not_before, stored.not_after - clock.now()
    return bool(left < lifetime // RENEW_AT)


def _obtain_with(directory: str, client: AcmeClient | None, row: AcmeName) -> AcmeClient:
    """With the client, or a new one where there is none or the authority has forgotten its account."""
    client = client or open_client(directory)
    try:
        _obtain(client, row)
    except AcmeProblem as problem:
        if not problem.forgot_us:
            raise
        forget_account(directory)
        client = open_client(directory)
        _obtain(client, row)
    return client


def _obtain(client: AcmeClient, row: AcmeName) -> None:
    """With the key that is in use, so that TLSA records of it (DANE) stay true."""
    row.last_attempt = clock.now()
    key = _present_key(row.name) or new_key()
    tokens: list[str] = []

    def publish(token: str, answer: str) -> None:
        tokens.append(token)
        fields = {"answer": answer, "created": clock.now()}
        AcmeChallenge.objects.update_or_create(token=token, defaults=fields)

    try:
        chain = client.obtain(row.name, key, publish)
        store_certificate(chain, key, Certificate.Source.ACME)
    except CertificateError as error:
        raise AcmeProblem(f"The certificate can't be used: {error}") from error
    finally:
        AcmeChallenge.objects.filter(token__in=tokens).delete()
    row.state, row.failures, row.problem, row.next_attempt = State.VALID, 0, "", 0
    row.save()
    log.info("certificate obtained", extra={"fields": {"name": row.name}})


def _present_key(name: str) -> bytes | None:
    stored = stored_certificate(name)
    try:
        return stored.private_key if stored is not None else _self_made_key(name)
    except SealBroken:
        return None


def _self_made_key(name: str) -> bytes | None:
    """That of the self-made certificate, whose TLSA record quickstart has advised to publish."""
    if name != settings.MOXSITE_HOSTNAME or settings.MOXSITE_TLS_KEY_FILE:
        return None
    try:
        return settings.TLS_KEY.read_bytes()
    except OSError:
        return None


def _failed(row: AcmeName, problem: AcmeProblem) -> None:
    row.failures += 1
    pause = min(FIRST_PAUSE << min(row.failures - 1, 10), LONGEST_PAUSE)
    row.state, row.problem = State.FAILED, str(problem)
    row.last_attempt = clock.now()
    row.next_attempt = clock.now() + pause + random.randrange(pause // 10)  # not all at once
    row.save()
    fields = {"name": row.name, "reason": str(problem), "failures": row.failures}
    log.warning("certificate not obtained", extra={"fields": fields})


def _not_in_dns(row: AcmeName, wanted: WantedName) -> None:
    row.state = State.NOT_IN_DNS
    row.problem = "" if wanted.is_optional else _NO_ADDRESS
    row.next_attempt = clock.now() + FIRST_PAUSE
    row.save()


def _let_all_wait(wait: int) -> None:
    until = clock.now() + wait
    AcmeName.objects.filter(next_attempt__lt=until).update(next_attempt=until)
