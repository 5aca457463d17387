from django.db import models

from mail.models.fields import MomentField


class AcmeAccount(models.Model):
    """Our account at a certificate authority, known by the URL of its directory. The key is sealed."""

    directory = models.CharField(max_length=500, unique=True)
    key_sealed = models.BinaryField()
    uri = models.CharField(max_length=500, help_text="The account's address at the authority.")
    created = MomentField()

    def __str__(self) -> str:
        return self.uri


class AcmeChallenge(models.Model):
    """What is to be answered at /.well-known/acme-challenge/TOKEN while a name is being proved."""

    token = models.CharField(max_length=200, primary_key=True)
    answer = models.CharField(max_length=500)
    created = MomentField()


class AcmeName(models.Model):
    """How it stands with the certificate of one host name."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        VALID = "valid", "valid"
        FAILED = "failed", "failed"
        NOT_IN_DNS = "not in dns", "not in DNS"

    name = models.CharField(max_length=253, primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    last_attempt = MomentField(null=True)
    next_attempt = MomentField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
