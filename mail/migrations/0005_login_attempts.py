import django.db.models.deletion
import mail.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0004_dkim_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimiterCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=140)),
                ("length", models.BigIntegerField(help_text="Of the stretch, in microseconds.")),
                ("start", mail.models.fields.MomentField()),
                ("count", models.IntegerField()),
                ("updated", mail.models.fields.MomentField(db_index=True)),
                ("expires", mail.models.fields.MomentField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "subject", "length", "start"), name="limiter_count_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoginAttempt",
            fields=[
                ("id", mail.models.fields.RowId(editable=False, primary_key=True, serialize=False)),
                (
                    "key",
                    models.BinaryField(
                        help_text="What the merged tries have in common.", max_length=32, unique=True
                    ),
                ),
                (
                    "login_name",
                    models.CharField(help_text="As it was given; cut when it is longer.", max_length=128),
                ),
                ("ip", models.CharField(max_length=45)),
                (
                    "client",
                    models.CharField(
                        help_text="The IPv4 address, or the /64 of the IPv6 address.", max_length=49
                    ),
                ),
                (
                    "protocol",
                    models.CharField(choices=[("smtp", "mail program"), ("web", "web page")], max_length=4),
                ),
                ("mechanism", models.CharField(max_length=20)),
                (
                    "password",
                    models.CharField(
                        help_text="The label of the app password that was used.", max_length=100
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("ok", "logged in"),
                            ("wrong", "wrong password"),
                            ("unknown", "unknown name"),
                            ("disabled", "login disabled"),
                            ("not enabled", "method not allowed"),
                            ("throttled", "refused after too many failures"),
                            ("error", "could not be checked"),
                        ],
                        max_length=12,
                    ),
                ),
                ("first", mail.models.fields.MomentField()),
                ("last", mail.models.fields.MomentField()),
                ("count", models.IntegerField()),
                (
                    "login",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="attempts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "log-in",
                "ordering": ["-last", "-id"],
                "indexes": [
                    models.Index(fields=["last", "id"], name="login_attempt_by_age"),
                    models.Index(fields=["login", "last", "id"], name="login_attempt_by_login"),
                ],
            },
        ),
    ]
