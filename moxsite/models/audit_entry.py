from django.db import models

from mail.models.fields import MomentField


class AuditEntry(models.Model):
    """One change of one row of the configuration: who, when, what it was and what it is."""

    class Action(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        REMOVED = "removed", "removed"

    moment = MomentField("when", db_index=True)
    who = models.CharField(max_length=128, help_text="A login, or a user of the machine.")
    via = models.CharField("by", max_length=200, help_text="The page, or the command.")
    action = models.CharField(max_length=7, choices=Action.choices)
    kind = models.CharField(max_length=40, help_text="What sort of thing, such as account.")
    name = models.CharField(max_length=200, help_text="Which one.")
    changes = models.TextField(help_text="JSON: what each field was and is. Secrets are masked.")
    generation = models.BigIntegerField(help_text="Of the configuration, when this was written.")

    class Meta:
        verbose_name = "change"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.action}"
