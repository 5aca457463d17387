"""Letting a name be tried again before its time."""

from mail.audit_trail import Action, tell
from mail.models import PeriodicJob
from moxsite.acme.jobs import JOB
from moxsite.models import AcmeName


def try_again_now(name: str) -> None:
    """At the next round, which comes at once, whatever happened before."""
    if AcmeName.objects.filter(name=name).update(next_attempt=0):
        PeriodicJob.objects.filter(name=JOB).update(due=0)
        tell(Action.CHANGED, "certificate", name, {"next_attempt": (None, "now")})
