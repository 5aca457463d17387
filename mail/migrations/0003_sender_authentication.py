from django.db import migrations, models

from mail.configuration.triggers import WatchRebuiltTable


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_prepare_database")]

    operations = [
        migrations.AddField(
            model_name="domain",
            name="dmarc_reject",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Mail that claims to be from a domain, fails its checks and shall be rejected by the "
                "policy of that domain (DMARC) is refused. Off: it is put into Junk. Accounts may differ.",
                verbose_name="refuse what DMARC rejects",
            ),
        ),
        WatchRebuiltTable("mail_domain"),
        migrations.AddField(
            model_name="account",
            name="dmarc_reject",
            field=models.BooleanField(
                blank=True,
                help_text="For the addresses of this account. Unknown: as their domains say.",
                null=True,
                verbose_name="refuse what DMARC rejects",
            ),
        ),
        WatchRebuiltTable("mail_account"),
        migrations.AddField(
            model_name="message",
            name="authentication",
            field=models.JSONField(null=True),
        ),
    ]
