from django.db import migrations, models

import mail.models.fields
from mail.configuration.triggers import WatchTable


class Migration(migrations.Migration):
    dependencies = [("mail", "0005_login_attempts")]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "names",
                    mail.models.fields.StringListField(
                        default=list,
                        help_text="Host names in A-label form, such as www.example.org or *.example.org.",
                    ),
                ),
                (
                    "chain",
                    models.TextField(
                        help_text="The certificate and then those up to the authority's, as PEM."
                    ),
                ),
                ("private_key_sealed", models.BinaryField(default=b"", editable=False)),
                (
                    "source",
                    models.CharField(
                        choices=[("acme", "obtained by ACME"), ("operator", "given by the operator")],
                        max_length=8,
                    ),
                ),
                ("not_before", mail.models.fields.MomentField()),
                ("not_after", mail.models.fields.MomentField()),
                ("created", mail.models.fields.MomentField()),
            ],
            options={"ordering": ["id"]},
        ),
        WatchTable("mail_certificate"),
    ]
