from django.db import models

from mail.models.fields import MomentField, RowId
from mail.models.login import Login


class LoginAttempt(models.Model):
    """Tries to log in that were alike in everything, merged over one day (UTC)."""

    class Protocol(models.TextChoices):
        SMTP = "smtp", "mail program"
        WEB = "web", "web page"

    class Result(models.TextChoices):
        OK = "ok", "logged in"
        WRONG = "wrong", "wrong password"
        UNKNOWN = "unknown", "unknown name"
        DISABLED = "disabled", "login disabled"
        NOT_ENABLED = "not enabled", "method not allowed"
        THROTTLED = "throttled", "refused after too many failures"
        ERROR = "error", "could not be checked"

    id = RowId()
    key = models.BinaryField(max_length=32, unique=True, help_text="What the merged tries have in common.")
    login = models.ForeignKey(Login, models.SET_NULL, null=True, related_name="attempts", db_index=False)
    login_name = models.CharField(max_length=128, help_text="As it was given; cut when it is longer.")
    ip = models.CharField(max_length=45)
    client = models.CharField(max_length=49, help_text="The IPv4 address, or the /64 of the IPv6 address.")
    protocol = models.CharField(max_length=4, choices=Protocol.choices)
    mechanism = models.CharField(max_length=20)
    password = models.CharField(max_length=100, help_text="The label of the app password that was used.")
    result = models.CharField(max_length=12, choices=Result.choices)
    first = MomentField()
    last = MomentField()
    count = models.IntegerField()

    class Meta:
        verbose_name = "log-in"
        ordering = ["-last", "-id"]
        indexes = [
            models.Index(fields=["last", "id"], name="login_attempt_by_age"),
            models.Index(fields=["login", "last", "id"], name="login_attempt_by_login"),
        ]

    def __str__(self) -> str:
        return f"{self.login_name} from {self.ip}"
