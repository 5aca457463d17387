from django.db import models

from mail.models import Domain
from mail.models.fields import MomentField


class DomainCheck(models.Model):
    """What the last check of a domain's records found, and which errors somebody was told of."""

    domain = models.OneToOneField(Domain, models.CASCADE, primary_key=True, related_name="dns_check")
    moment = MomentField()
    errors = models.IntegerField(default=0)
    warnings = models.IntegerField(default=0)
    report = models.JSONField(default=dict)
    told = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.domain}: {self.errors} errors, {self.warnings} warnings"
