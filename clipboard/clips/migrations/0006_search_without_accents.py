import unicodedata

from django.db import migrations


def folding():
    """What PostgreSQL's translate() takes: Latin letters with accents, their plain letters; and
    the accents that stand by themselves, which go. Decompositions never change in Unicode."""
    accented = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain, *accents = unicodedata.normalize("NFD", chr(code))
        if accents and plain.isascii() and plain.isalpha():
            accented[chr(code)] = plain
    marks = "".join(map(chr, range(0x300, 0x370)))
    return "".join(accented) + marks, "".join(accented.values())


def column(words):
    # A tsvector holds at most 1 MB.
    return (
        "ALTER TABLE clips_clip DROP COLUMN search",
        "ALTER TABLE clips_clip ADD COLUMN search tsvector GENERATED ALWAYS AS"
        f" (to_tsvector('simple', {words})) STORED",
        "CREATE INDEX clip_search ON clips_clip USING gin (search)",
    )


WORDS = "title || ' ' || reason || ' ' || left(transcript, 200000)"
FOLDED = "translate({}, '{}', '{}')".format(WORDS, *folding())


def fold(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in column(FOLDED):
            schema_editor.execute(statement)


def unfold(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in column(WORDS):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    """SQLite's index leaves accents out by itself."""

    dependencies = [("clips", "0005_providers")]

    operations = [migrations.RunPython(fold, unfold)]
