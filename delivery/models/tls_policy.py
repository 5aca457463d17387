from django.db import models

from mail.models.fields import MomentField, StringListField


class MtaStsPolicy(models.Model):
    """The policy of a recipient domain as it was last fetched (RFC 8461), or that it could not be.

    An empty `mode` says that there is none at present; `retry_after` keeps a broken policy host from being
    asked for every message.
    """

    domain = models.CharField(max_length=255, primary_key=True)
    record_id = models.CharField(max_length=32, blank=True)
    mode = models.CharField(max_length=8, blank=True)
    mx = StringListField()
    max_age = models.BigIntegerField(default=0)
    """Seconds, as the policy says."""
    text = models.TextField(blank=True)
    fetched = MomentField(default=0)
    expires = MomentField(default=0, db_index=True)
    used = MomentField(default=0)
    retry_after = MomentField(default=0)
    problem = models.TextField(blank=True)


class TlsResult(models.Model):
    """How many sessions with a host went with which TLS, by day, recipient domain and policy (RFC 8460)."""

    day = models.DateField()
    domain = models.CharField(max_length=255)
    host = models.CharField(max_length=255, blank=True)
    policy = models.CharField(max_length=12)
    """sts, tlsa or no-policy-found, the terms of RFC 8460."""
    result = models.CharField(max_length=40)
    """“success”, or a result type of RFC 8460 section 4.3."""
    detail = models.TextField(blank=True)
    sessions = models.PositiveBigIntegerField(default=0)
    last = MomentField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "domain", "host", "policy", "result"], name="tls_result_once"
            )
        ]
