"""What the triggers on favourites keep: the count on each clip, and the clip's columns that
"my favourites, best first" needs beside each favourite to be one walk along one index."""

# ruff: noqa: S608 (every part of these statements is a constant of this file)

from __future__ import annotations

from clipboard.clips.triggers import Triggers

COPIED = ("team_id", "score", "status")
COPIES = ", ".join(f"{name} = (SELECT {name} FROM clips_clip WHERE id = {{0}})" for name in COPIED)
OF_CLIP = "(SELECT COUNT(*) FROM review_favourite WHERE clip_id = {0})"
COUNT = f"UPDATE clips_clip SET favourite_count = {OF_CLIP} WHERE id = {{0}};"


def changed(by: str) -> str:
    return " OR ".join(f"OLD.{name} {by} NEW.{name}" for name in COPIED)


def sqlite() -> dict[str, str]:
    copy = f"UPDATE review_favourite SET {COPIES.format('NEW.clip_id')} WHERE id = NEW.id;"
    news = ", ".join(f"{name} = NEW.{name}" for name in COPIED)
    return {
        "favourite_insert": "AFTER INSERT ON review_favourite"
        f" BEGIN {copy} {COUNT.format('NEW.clip_id')} END",
        "favourite_delete": "AFTER DELETE ON review_favourite"
        f" BEGIN {COUNT.format('OLD.clip_id')} END",
        "favourite_move": "AFTER UPDATE OF clip_id ON review_favourite"
        f" WHEN OLD.clip_id <> NEW.clip_id"
        f" BEGIN {copy} {COUNT.format('OLD.clip_id')} {COUNT.format('NEW.clip_id')} END",
        "favourite_follow": f"AFTER UPDATE OF {', '.join(COPIED)} ON clips_clip"
        f" WHEN {changed('IS NOT')}"
        f" BEGIN UPDATE review_favourite SET {news} WHERE clip_id = NEW.id; END",
        # A clip saved whole from an older copy must not bring an older count back.
        "clip_favourite_count": "AFTER UPDATE OF favourite_count ON clips_clip"
        f" WHEN NEW.favourite_count <> {OF_CLIP.format('NEW.id')}"
        f" BEGIN {COUNT.format('NEW.id')} END",
    }


def postgresql() -> dict[str, tuple[str, str]]:
    copy = f"SELECT {', '.join(COPIED)} INTO {', '.join('NEW.' + name for name in COPIED)}"
    news = ", ".join(f"{name} = NEW.{name}" for name in COPIED)
    old, new = COUNT.format("OLD.clip_id"), COUNT.format("NEW.clip_id")
    return {
        "favourite_copy": (
            "BEFORE INSERT OR UPDATE OF clip_id ON review_favourite FOR EACH ROW",
            f"{copy} FROM clips_clip WHERE id = NEW.clip_id; RETURN NEW;",
        ),
        "favourite_insert": (
            "AFTER INSERT ON review_favourite FOR EACH ROW",
            f"{new} RETURN NULL;",
        ),
        "favourite_delete": (
            "AFTER DELETE ON review_favourite FOR EACH ROW",
            f"{old} RETURN NULL;",
        ),
        "favourite_move": (
            "AFTER UPDATE OF clip_id ON review_favourite FOR EACH ROW",
            f"{old} {new} RETURN NULL;",
        ),
        "favourite_follow": (
            f"AFTER UPDATE OF {', '.join(COPIED)} ON clips_clip FOR EACH ROW"
            f" WHEN ({changed('IS DISTINCT FROM')})",
            f"UPDATE review_favourite SET {news} WHERE clip_id = NEW.id; RETURN NULL;",
        ),
        "clip_favourite_count": (
            "BEFORE UPDATE OF favourite_count ON clips_clip FOR EACH ROW",
            f"NEW.favourite_count := {OF_CLIP.format('NEW.id')}; RETURN NEW;",
        ),
    }


def recount(vendor: str) -> list[str]:
    """Statements that make every copy and count right from nothing."""
    return [
        f"UPDATE review_favourite SET {COPIES.format('review_favourite.clip_id')}",
        "UPDATE clips_clip SET favourite_count = "
        f"{OF_CLIP.format('clips_clip.id')} WHERE favourite_count <> "
        f"{OF_CLIP.format('clips_clip.id')}",
    ]


TRIGGERS = Triggers(
    sqlite=sqlite(),
    postgresql=postgresql(),
    recount=recount,
    tables=("clips_clip", "review_favourite"),
    apps=("clips", "review"),
)
