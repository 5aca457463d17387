"""The job that comes round. The library is loaded only where it runs: it is large."""

from mail.periodic.registry import every

JOB = "renew certificates"


@every(minutes=10, name=JOB)
def renew() -> None:
    """One round of obtaining and renewing."""
    from moxsite.acme.renewal import renew_certificates

    renew_certificates()
