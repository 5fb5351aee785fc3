from django.db import migrations, models


class AddIndexBeside(migrations.AddIndex):
    """Where an index would keep writers out while it is made, it is made beside them."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            # One that was not finished is there all the same, and of no use.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_backwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clips", "0017_spent_paused"),
    ]

    operations = [
        AddIndexBeside(
            model_name="job",
            index=models.Index(
                condition=models.Q(("sent_at__isnull", False)),
                fields=["account", "sent_at"],
                name="job_sent",
            ),
        ),
    ]
