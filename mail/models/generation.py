from django.db import models


class Generation(models.Model):
    """How often the configuration has changed. One row; triggers in the database count it up."""

    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "mail_generation"
