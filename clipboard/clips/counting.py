"""What the triggers on clips keep: facet counts, clips per source, and the search index."""

# ruff: noqa: S608 (every part of these statements is a constant of this file)

from __future__ import annotations

from .triggers import Triggers

# Twenty buckets of five points; a full 100 belongs to the last.
BUCKET = {
    "sqlite": "CASE WHEN {0}score IS NULL THEN 'none'"
    " ELSE CAST(MIN(19, CAST({0}score / 5 AS INTEGER)) AS TEXT) END",
    "postgresql": "CASE WHEN {0}score IS NULL THEN 'none'"
    " ELSE LEAST(19, FLOOR({0}score / 5)::integer)::text END",
}
COUNTED = ("team_id", "source_id", "status", "provider", "aspect", "score")
SEARCHED = ("title", "reason", "transcript")
CLIPS_OF_SOURCE = "(SELECT COUNT(*) FROM clips_clip WHERE source_id = NEW.id)"


def facets(vendor: str, row: str = "") -> dict[str, str]:
    """Facet → the expression of its value; `row` is "NEW." or "OLD." in a trigger."""
    plain = {name: row + name for name in ("status", "provider", "aspect")}
    return plain | {"score": BUCKET[vendor].format(row)}


def pairs(vendor: str, row: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{facet}' AS facet, {value} AS value"
        for facet, value in facets(vendor, row).items()
    )


def count_in(vendor: str, row: str = "NEW.") -> str:
    return f"""
    INSERT INTO clips_tally (team_id, source_ref, facet, value, count)
    SELECT {row}team_id, scope.ref, one.facet, one.value, 1
    FROM (SELECT 0 AS ref UNION ALL SELECT {row}source_id) AS scope
    CROSS JOIN ({pairs(vendor, row)}) AS one
    WHERE true
    ON CONFLICT (team_id, source_ref, facet, value)
    DO UPDATE SET count = clips_tally.count + 1;
    UPDATE clips_source SET clip_count = clip_count + 1 WHERE id = {row}source_id;
    """


def count_out(vendor: str, row: str = "OLD.") -> str:
    of_row = (
        f"team_id = {row}team_id AND source_ref IN (0, {row}source_id)"
        f" AND (facet, value) IN ({pairs(vendor, row)})"
    )
    return f"""
    UPDATE clips_tally SET count = count - 1 WHERE {of_row};
    DELETE FROM clips_tally WHERE {of_row} AND count <= 0;
    UPDATE clips_source SET clip_count = clip_count - 1 WHERE id = {row}source_id;
    """


def differ(columns: tuple[str, ...], *, by: str) -> str:
    return " OR ".join(f"OLD.{name} {by} NEW.{name}" for name in columns)


def index_words(row: str = "NEW.") -> str:
    columns = ", ".join(SEARCHED)
    words = ", ".join(row + name for name in SEARCHED)
    return f"INSERT INTO clips_clip_fts (rowid, {columns}) VALUES ({row}id, {words});"


def forget_words(row: str = "OLD.") -> str:
    """An external-content index must be told the words that it is to forget."""
    columns = ", ".join(SEARCHED)
    words = ", ".join(row + name for name in SEARCHED)
    return (
        f"INSERT INTO clips_clip_fts (clips_clip_fts, rowid, {columns})"
        f" VALUES ('delete', {row}id, {words});"
    )


def sqlite() -> dict[str, str]:
    into, out = count_in("sqlite"), count_out("sqlite")
    return {
        "clip_tally_insert": f"AFTER INSERT ON clips_clip BEGIN {into} END",
        "clip_tally_delete": f"AFTER DELETE ON clips_clip BEGIN {out} END",
        "clip_tally_update": f"AFTER UPDATE OF {', '.join(COUNTED)} ON clips_clip"
        f" WHEN {differ(COUNTED, by='IS NOT')} BEGIN {out} {into} END",
        # A source saved whole from an older copy must not bring an older count back.
        "source_clip_count": "AFTER UPDATE OF clip_count ON clips_source"
        f" WHEN NEW.clip_count <> {CLIPS_OF_SOURCE} BEGIN UPDATE clips_source"
        f" SET clip_count = {CLIPS_OF_SOURCE} WHERE id = NEW.id; END",
        "clip_search_insert": f"AFTER INSERT ON clips_clip BEGIN {index_words()} END",
        "clip_search_delete": f"AFTER DELETE ON clips_clip BEGIN {forget_words()} END",
        "clip_search_update": f"AFTER UPDATE OF {', '.join(SEARCHED)} ON clips_clip"
        f" WHEN {differ(SEARCHED, by='IS NOT')} BEGIN {forget_words()} {index_words()} END",
    }


def postgresql() -> dict[str, tuple[str, str]]:
    """The search column is generated there. Writers of one team's counts take turns under an
    advisory lock, since two of them touching the same counts in another order would deadlock."""
    lock = "PERFORM pg_advisory_xact_lock(7411, ({0}team_id % 2147483647)::integer);"
    into = lock.format("NEW.") + count_in("postgresql")
    out = lock.format("OLD.") + count_out("postgresql")
    return {
        "clip_tally_insert": ("AFTER INSERT ON clips_clip FOR EACH ROW", into + "RETURN NULL;"),
        "clip_tally_delete": ("AFTER DELETE ON clips_clip FOR EACH ROW", out + "RETURN NULL;"),
        "clip_tally_update": (
            f"AFTER UPDATE OF {', '.join(COUNTED)} ON clips_clip FOR EACH ROW"
            f" WHEN ({differ(COUNTED, by='IS DISTINCT FROM')})",
            out + into + "RETURN NULL;",
        ),
        "source_clip_count": (
            "BEFORE UPDATE OF clip_count ON clips_source FOR EACH ROW",
            f"NEW.clip_count := {CLIPS_OF_SOURCE}; RETURN NEW;",
        ),
    }


def recount(vendor: str) -> list[str]:
    """Statements that make every kept count right from nothing."""
    counts = " UNION ALL ".join(
        f"SELECT team_id, {scope}, '{facet}', {value}, COUNT(*) FROM clips_clip"
        f" GROUP BY team_id, {scope}, {value}"
        for scope in ("source_id * 0", "source_id")
        for facet, value in facets(vendor).items()
    )
    statements = [
        "DELETE FROM clips_tally",
        f"INSERT INTO clips_tally (team_id, source_ref, facet, value, count) {counts}",
        "UPDATE clips_source SET clip_count ="
        " (SELECT COUNT(*) FROM clips_clip WHERE source_id = clips_source.id)",
    ]
    if vendor == "sqlite":
        statements.append("INSERT INTO clips_clip_fts (clips_clip_fts) VALUES ('rebuild')")
    return statements


TRIGGERS = Triggers(
    sqlite=sqlite(),
    postgresql=postgresql(),
    recount=recount,
    tables=("clips_clip", "clips_tally", "clips_source"),  # and the index made before them
    apps=("clips",),
)
