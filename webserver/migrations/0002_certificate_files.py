from django.db import migrations, models

from mail.configuration.triggers import WatchTable


class Migration(migrations.Migration):
    dependencies = [("webserver", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CertificateFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Such as www.example.org or *.example.org.", max_length=255, unique=True
                    ),
                ),
                (
                    "cert_file",
                    models.CharField(help_text="The certificate and its chain, as PEM.", max_length=1000),
                ),
                ("key_file", models.CharField(help_text="Its private key, as PEM.", max_length=1000)),
            ],
            options={"ordering": ["name"]},
        ),
        WatchTable("webserver_certificatefile"),
    ]
