"""Fills the database of VAR_DIR with clips, always the same: python -m benchmarks.load 10000

Scores are spread as Beta(4, 2.5) × 100 and 2 % have none; 90 % are completed; the first person's
favourites are 0.5, 2 or 8 % of the clips by score; words follow Zipf's law, 200 a transcript
(titles alone from a million clips on). SQLite only.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from itertools import accumulate, islice

import django
from django.db import connection
from django.db.models import Model

PER_SOURCE = 40
WORDS = 20_000
BATCH = 20_000
STARTS = 1_760_000_000
STATUSES = (("completed", 0.90), ("detected", 0.06), ("failed", 0.03), ("generating", 0.01))
PROVIDERS = (("local", 0.6), ("reka", 0.25), ("scalereach", 0.13), ("reelbot", 0.02))
ASPECTS = (("9:16", 0.8), ("16:9", 0.1), ("1:1", 0.07), ("4:5", 0.03))
SYLLABLES = """
    ba be bi bo da de di do fa fe ka ke ki ko la le li lo ma me mi mo na ne no
    pa pe po ra re ri ro sa se si so ta te ti to va ve vi za
"""
FAILURE = "The sound could not be read."
LENGTHS = (1, 1, 2, 2, 2, 2, 3, 3, 3, 4)  # syllables; words of 4.6 letters, as in English
OPENINGS = ("opens with a question", "starts loud", "starts with a number", "in mid-thought")
STRIP = {"columns": 10, "rows": 5, "tile_width": 192, "tile_height": 108, "interval": 12.0}
COLUMNS = """
    id team_id source_id job_id provider remote_id status score start end duration aspect
    favourite_count created_at title reason error file poster filmstrip strip raw_score
    hashtags crop evidence transcript words
"""


def main(clips: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    team, people = make_team()
    drop_triggers()
    with connection.cursor() as cursor:
        indexes = drop_indexes(cursor)
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("BEGIN")
        load(cursor, clips, team, people)
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute("COMMIT")
    install_triggers()


def make_team() -> tuple[int, list[int]]:
    from clipboard.teams.models import Membership, found_team

    owner = found_team(team_name="North", owner_email="owner@example.org")
    from clipboard.teams.models import User

    others = [User.objects.create_user(f"person{n}@example.org") for n in range(2)]
    for other in others:
        Membership.objects.create(team=owner.team, user=other)
    return owner.team_id, [owner.user_id, *(other.pk for other in others)]


def drop_triggers() -> None:
    from clipboard.clips import counting as clips
    from clipboard.review import counting as review

    clips.TRIGGERS.drop()
    review.TRIGGERS.drop()


def install_triggers() -> None:
    from clipboard.clips import counting as clips
    from clipboard.review import counting as review

    clips.TRIGGERS.install()
    review.TRIGGERS.install()


def drop_indexes(cursor) -> list[str]:
    """Much faster made afterwards. Returns what makes them again."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('clips_clip', 'review_favourite')"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def load(cursor, clips: int, team: int, people: list[int]) -> None:
    from clipboard.clips.models import Clip, Job, Source
    from clipboard.review.models import Favourite

    chance = random.Random(1)
    sources = -(-clips // PER_SOURCE)
    raw = cursor.connection.cursor()
    raw.executemany(insert(Source, SOURCE.split()), source_rows(sources, team))
    raw.executemany(insert(Job, JOB.split()), job_rows(sources, team))
    rows = clip_rows(chance, clips, team)
    while batch := list(islice(rows, BATCH)):
        raw.executemany(insert(Clip, CLIP), batch)
        raw.executemany(insert(Favourite, FAVOURITE), loves(chance, batch, people))


def insert(model: type[Model], columns: list[str]) -> str:
    """What isn't named gets the model's default."""
    left = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.column not in columns and not field.null and not field.primary_key
    }
    names = ", ".join(f'"{name}"' for name in [*columns, *left])
    values = ", ".join(["?"] * len(columns) + [f"'{value}'" for value in left.values()])
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({values})"


SOURCE = """
    id team_id title origin origin_url state stage progress error created_at file proxy
    poster filmstrip strip waveform transcript sha256 size duration width height rotation
    video_codec audio_codec content_type clip_count lease_owner attempts
"""
JOB = """
    id team_id source_id provider options state stage progress error summary created_at
    lease_owner attempts
"""
CLIP = COLUMNS.split()
FAVOURITE = ["user_id", "clip_id", "team_id", "score", "status", "created_at"]


def source_rows(count: int, team: int) -> Iterator[tuple]:
    for pk in range(1, count + 1):
        folder = f"sources/2026/11/{name_of(pk, 'source')}"
        yield (
            *(pk, team, f"Recording {pk}", "upload", "", "ready", "", 1.0, "", moment(pk * 60)),
            *(f"{folder}/file.mp4", "", f"{folder}/poster.webp", f"{folder}/filmstrip.webp"),
            *(json.dumps(STRIP | {"count": 50}), "[]", "[]", name_of(pk, "hash") * 2, 10**9),
            *(600.0, 1920, 1080, 0, "h264", "aac", "video/mp4", 0, "", 0),
        )


def job_rows(count: int, team: int) -> Iterator[tuple]:
    for pk in range(1, count + 1):
        yield (pk, team, pk, "local", "{}", "succeeded", "", 1.0, "", "{}", moment(pk * 60), "", 1)


def clip_rows(chance: random.Random, count: int, team: int) -> Iterator[tuple]:
    vocabulary, weights = zipf()
    transcripts = count < 1_000_000
    for pk in range(1, count + 1):
        source = (pk - 1) // PER_SOURCE + 1
        start = round(chance.uniform(0, 540), 2)
        length = round(chance.uniform(12, 60), 2)
        score = None if chance.random() < 0.02 else round(100 * chance.betavariate(4, 2.5), 1)
        status, words = (
            pick(chance, STATUSES),
            chance.choices(vocabulary, cum_weights=weights, k=20),
        )
        spoken = chance.choices(vocabulary, cum_weights=weights, k=200) if transcripts else []
        folder = f"clips/{pk // 1000}/{pk}"
        provider, done = pick(chance, PROVIDERS), status == "completed"
        yield (
            *(pk, team, source, source, provider, str(pk), status, score, start),
            *(start + length, length, pick(chance, ASPECTS), 0, moment(pk), sentence(words[:7])),
            *(
                reason(chance, provider, words[7:]),
                "The sound could not be read." if status == "failed" else "",
            ),
            *(f"{folder}/clip.mp4" if done else "", f"{folder}/poster.webp" if done else ""),
            *(f"{folder}/filmstrip.webp" if done else "", json.dumps(STRIP | {"count": 20})),
            *("", "[]", "[[0, 0.43]]", "[]", " ".join(spoken), "[]"),
        )


def reason(chance: random.Random, provider: str, words: list[str]) -> str:
    """The local engine's reasons are made of set phrases and figures, the others' are free."""
    if provider != "local":
        return sentence(words)
    return (
        f"{chance.randint(4, 14)} words in the first 3 seconds, {chance.choice(OPENINGS)}."
        f" {chance.randint(90, 210)} words a minute,"
        f" speech in {chance.randint(60, 99)}% of the time."
        f" Starts a thought, a pause of {chance.uniform(0.3, 3):.1f} seconds follows."
    )


def loves(chance: random.Random, clips: list[tuple], people: list[int]) -> Iterator[tuple]:
    for clip in clips:
        score = clip[CLIP.index("score")]
        odds = 0.005 if score is None or score < 60 else 0.02 if score < 80 else 0.08
        for person in people:
            if chance.random() < odds:
                yield person, clip[0], clip[1], score, clip[CLIP.index("status")], clip[13]


def zipf() -> tuple[list[str], list[float]]:
    chance, syllables = random.Random(2), SYLLABLES.split()
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choices(syllables, k=chance.choice(LENGTHS)))] = None
    return list(words), list(accumulate(1 / (rank + 10) for rank in range(WORDS)))


def pick(chance: random.Random, weighted: tuple[tuple[str, float], ...]) -> str:
    at = chance.random()
    for value, weight in weighted:
        at -= weight
        if at < 0:
            return value
    return weighted[0][0]


def sentence(words: list[str]) -> str:
    return " ".join(words).capitalize()


def name_of(pk: int, kind: str) -> str:
    return f"{random.Random(f'{kind}{pk}').getrandbits(128):032x}"


def moment(seconds: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(STARTS + seconds, UTC):%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clipboard.settings")
    django.setup()
    main(int(sys.argv[1]))
