from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clips", "0010_download_refresh")]

    operations = [
        migrations.AddField(
            "jobevent",
            "answer",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text=(
                    "what the provider said, without secrets; of the order, and of the last poll"
                ),
            ),
        ),
    ]
