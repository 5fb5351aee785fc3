"""What must hold when a schedule is over, whatever happened in it."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from clipboard.clips.models import MAX_ATTEMPTS, Clip, Download, Job
from clipboard.sandbox.vendor import Ask
from tests.faults.vendors import file_name

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

ENDED = (Job.State.SUCCEEDED, *Job.ENDED_BADLY)
GONE_AFTER = 3  # times that a provider must say so


class Kept(NamedTuple):
    """A clip as it is there in the end, with what is known of its file."""

    pk: int
    job: int
    title: str
    status: str
    error: str
    superseded_at: str | None
    file: str
    url: str | None  # of its download; None where it has none
    download: str | None
    sha256: str | None


KEPT = """
    SELECT clip.id, clip.job_id, title, status, clip.error, superseded_at, file,
    url, download.state, download.sha256
    FROM clips_clip AS clip LEFT JOIN clips_download AS download ON download.clip_id = clip.id
    ORDER BY clip.id
"""


def look(schedule: Schedule) -> None:
    """Write what does not hold to `schedule.broken`."""
    jobs = list(schedule.jobs())
    clips = [Kept(*row) for row in schedule.past(KEPT) if row[1] in schedule.orders]
    with_truth = {job: truth(schedule, job.remote_id) for job in jobs}
    schedule.broken += [
        *paid_once(schedule, jobs),
        *none_stuck(schedule, jobs, clips),
        *(line for job, true in with_truth.items() for line in ended_rightly(schedule, job, true)),
        *(
            line
            for job, true in with_truth.items()
            for line in clips_of(schedule, clips, job, true)
        ),
        *favourites_stayed(schedule, clips),
    ]


# --- Paid once ------------------------------------------------------------------------------------


def paid_once(schedule: Schedule, jobs: list[Job]) -> list[str]:
    """At most one charge for each time that somebody ordered, and each charge is known to a job."""
    charged = charges(schedule)
    wanted: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    known = {job.remote_id for job in jobs} | schedule.seen_ids
    for pk, placed in schedule.orders.items():
        wanted[placed.mark] += placed.wanted
        excused[placed.mark] += placed.wanted if pk in schedule.excused else placed.wanted - 1
    excused.update(schedule.orders[job.pk].mark for job in jobs if is_parked(job))
    broken = []
    for mark, ids in charged.items():
        if len(ids) > wanted[mark]:
            broken.append(f"paid {len(ids)} times for {wanted[mark]} orders of {mark!r}")
        lost = [one for one in ids if one not in known]
        if len(lost) > excused[mark]:
            broken.append(f"nobody knows of {', '.join(lost)}, which was taken and paid for")
    ids = [job.remote_id for job in jobs if job.remote_id]
    broken += [f"{one} belongs to two jobs" for one, times in Counter(ids).items() if times > 1]
    return broken


def is_parked(job: Job) -> bool:
    """Until a person says what became of it."""
    return job.state == Job.State.OUTCOME_UNKNOWN and job.next_action_at is None


def charges(schedule: Schedule) -> dict[str, list[str]]:
    """Remote ids that the ledger has, by the mark of what was ordered."""
    found: dict[str, list[str]] = {}
    for row in schedule.memory.ledger():
        if row["amount"] > 0:
            document = schedule.world.get(schedule.trade.kind, row["id"])
            found.setdefault(schedule.trade.mark_in(document or {}), []).append(row["id"])
    return found


# --- Nothing stuck --------------------------------------------------------------------------------


def none_stuck(schedule: Schedule, jobs: list[Job], clips: list[Kept]) -> list[str]:
    """Ended, or waiting for a person where nobody else can find out."""
    broken = []
    for job in jobs:
        if job.state in ENDED:
            continue
        if is_parked(job):
            if not (schedule.trade.is_blind or is_one_of_many(schedule, job)):
                broken.append(f"{job.pk} waits for a person though {job.provider} could be asked")
        elif job.next_action_at is None:
            broken.append(f"stuck: {job.pk} is {job.state} and nothing happens next")
        else:
            broken.append(f"stuck: {job.pk} is {job.state} until {job.next_action_at}")
    waiting = [clip for clip in clips if clip.download in Download.OPEN_STATES]
    return broken + [f"stuck: the file of clip {clip.pk}" for clip in waiting]


def is_one_of_many(schedule: Schedule, job: Job) -> bool:
    """Whether a person ended or repeated another order for the same, which may have been taken."""
    mark = schedule.orders[job.pk].mark
    return any(
        placed.mark == mark and (pk in schedule.excused or placed.wanted > 1)
        for pk, placed in schedule.orders.items()
    )


# --- What is at the provider is what we have ------------------------------------------------------


def truth(schedule: Schedule, remote_id: str) -> tuple[str, list[str]]:
    """How a job really is at the provider ("" where there is none), and the names of its files."""
    bodies = []
    for path in schedule.trade.look if remote_id else ():
        reply = answer(schedule, path.format(remote_id))
        if not isinstance(reply, dict) or ("error" in reply and "status" not in reply):
            return "", []
        bodies.append(reply)
        if schedule.trade.word_in(bodies[0]) != "completed":
            return schedule.trade.word_in(bodies[0]), []
    if not bodies:
        return "", []
    return "completed", [file_name(url) for url in schedule.trade.files_in(bodies[-1])]


def answer(schedule: Schedule, path: str) -> Any:
    """What the vendor says, without its limits."""
    vendor = schedule.stage.vendors[schedule.trade.name]
    ask = Ask("GET", path, {}, {}, b"", "https://sandbox.example/any", schedule.world,
              schedule.outputs)  # fmt: skip
    for method, pattern, answerer, _ in vendor.routes:
        if method == "GET" and (match := re.fullmatch(pattern, path)):
            ask.parts = match.groupdict()
            return answerer(ask).body
    raise LookupError(path)


def ended_rightly(schedule: Schedule, job: Job, true: tuple[str, list[str]]) -> list[str]:
    """Done there means done here, unless a person ended it."""
    word, _ = true
    if word != "completed" or job.state == Job.State.SUCCEEDED or job.pk in schedule.excused:
        return []
    gone = schedule.counts["fault: ask: 404"] >= GONE_AFTER
    if job.state == Job.State.EXPIRED and gone:
        return []
    return [f"{job.pk} is {job.state} ({job.error}) though it is done at {job.provider}"]


def clips_of(
    schedule: Schedule, clips: list[Kept], job: Job, true: tuple[str, list[str]]
) -> list[str]:
    """Each of the provider's files once, whole, as the provider made it."""
    word, names = true
    if job.state != Job.State.SUCCEEDED or job.pk in schedule.excused or word != "completed":
        return []
    rows = [row for row in clips if row.job == job.pk and row.superseded_at is None]
    ours = Counter(file_name(row.url) for row in rows if row.url is not None)
    theirs = Counter(names)
    broken = [f"{job.pk} lost {name}" for name in (theirs - ours).elements()]
    broken += [f"{job.pk} has {name} once too often" for name in (ours - theirs).elements()]
    if len(rows) > len(names):
        broken.append(f"{job.pk} has {len(rows)} clips for {len(names)} files")
    return broken + [line for row in rows for line in file_of(schedule, row)]


def file_of(schedule: Schedule, clip: Kept) -> list[str]:
    if clip.url is None:
        return [f"clip {clip.pk} has no file on its way"]
    name = file_name(clip.url)
    if clip.status != Clip.Status.COMPLETED:
        deaths = sum(times for what, times in schedule.counts.items() if what.startswith("death"))
        may_fail = schedule.troubled[name] + deaths >= MAX_ATTEMPTS
        return [] if may_fail else [f"clip {clip.pk} is {clip.status}: {clip.error}"]
    return wrong_with(schedule, clip, name)


def wrong_with(schedule: Schedule, clip: Kept, name: str) -> list[str]:
    path = settings.MEDIA_ROOT / clip.file
    if not path.is_file():
        return [f"clip {clip.pk} has no file {clip.file}"]
    found = sha256(path.read_bytes()).hexdigest()
    if found not in schedule.served[name]:
        return [f"the file of clip {clip.pk} is not {name}"]
    if found != clip.sha256:
        return [f"the file of clip {clip.pk} is not the one that was written down"]
    return []


# --- People's own ---------------------------------------------------------------------------------


def favourites_stayed(schedule: Schedule, clips: list[Kept]) -> list[str]:
    """Where they were put, and the clip still is what it was."""
    kept = {clip.pk: clip for clip in clips}
    put = schedule.likes.keys()
    there = set(schedule.past("SELECT user_id, clip_id FROM review_favourite"))
    broken = [f"a favourite of clip {clip} is gone" for _, clip in put - there]
    broken += [f"clip {clip} became a favourite" for _, clip in there - put]
    for key in put & there:
        (title, name), clip = schedule.likes[key], kept[key[1]]
        if clip.title != title:
            broken.append(f"a favourite moved from {title!r} to {clip.title!r}")
        elif name and clip.file and wrong_with(schedule, clip, name):
            broken.append(f"a favourite moved from {name} to another file")
    return broken
