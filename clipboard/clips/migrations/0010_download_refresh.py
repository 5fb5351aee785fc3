from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clips", "0009_errands")]

    operations = [
        migrations.AddField(
            "download",
            "refreshing_until",
            models.DateTimeField(
                blank=True, help_text="someone is asking; others wait for the answer", null=True
            ),
        ),
        migrations.AlterField(
            "download",
            "refreshed_at",
            models.DateTimeField(
                blank=True,
                help_text="when the provider was last asked for a fresh address",
                null=True,
            ),
        ),
    ]
