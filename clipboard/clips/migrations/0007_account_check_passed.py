from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clips", "0006_search_without_accents")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="check_passed",
            field=models.BooleanField(blank=True, help_text="empty: not tried yet", null=True),
        ),
    ]
