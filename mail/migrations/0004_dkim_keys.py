import django.db.models.deletion
from django.db import migrations, models

import mail.models.fields
from mail.configuration.triggers import WatchTable


class Migration(migrations.Migration):
    dependencies = [("mail", "0003_sender_authentication")]

    operations = [
        migrations.CreateModel(
            name="DkimKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("selector", models.CharField(max_length=190)),
                (
                    "algorithm",
                    models.CharField(
                        choices=[("rsa-2048", "RSA 2048"), ("ed25519", "Ed25519")], max_length=8
                    ),
                ),
                ("private_key_sealed", models.BinaryField(default=b"", editable=False)),
                ("public_key", models.BinaryField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("signing", "signing"),
                            ("retired", "retired"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created", mail.models.fields.MomentField()),
                ("retired", mail.models.fields.MomentField(blank=True, null=True)),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dkim_keys",
                        to="mail.domain",
                    ),
                ),
            ],
            options={
                "verbose_name": "DKIM key",
                "ordering": ["domain__name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("domain", "selector"), name="dkim_selector_once_per_domain"
                    )
                ],
            },
        ),
        WatchTable("mail_dkimkey"),
    ]
