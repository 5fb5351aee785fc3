from django.db import migrations

SQLITE = """
CREATE VIRTUAL TABLE clips_clip_fts USING fts5(
    title, reason, transcript,
    content='clips_clip', content_rowid='id', columnsize=0,
    tokenize='unicode61 remove_diacritics 2'
)
"""
POSTGRESQL = (
    # A tsvector holds at most 1 MB.
    """
    ALTER TABLE clips_clip ADD COLUMN search tsvector GENERATED ALWAYS AS (
        to_tsvector('simple', title || ' ' || reason || ' ' || left(transcript, 200000))
    ) STORED
    """,
    "CREATE INDEX clip_search ON clips_clip USING gin (search)",
)


def build(apps, schema_editor):
    for statement in (SQLITE,) if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def tear_down(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE clips_clip_fts")
    else:
        schema_editor.execute("ALTER TABLE clips_clip DROP COLUMN search")


class Migration(migrations.Migration):
    dependencies = [("clips", "0003_grid_indexes")]

    operations = [migrations.RunPython(build, tear_down)]
