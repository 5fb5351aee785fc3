"""What a job is doing, why it found what it found, and the one thing to do about it, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from clipboard.lib.wording import plural, span, timecode
from clipboard.providers.options import Option
from clipboard.providers.registry import PROVIDERS

from .models import COUNT, RENDERING, THRESHOLD, Job
from .usage import amount_in_words

LOCAL = "local"
MOST_CHOSEN = 3
MOST_LETTERS = 60

STAGES = {
    "probe": "Reading",
    "sound": "Listening",
    "speech": "Transcribing",
    "pictures": "Watching",
    "candidates": "Choosing",
    "crop": "Framing",
    RENDERING: "Rendering",
}
BADGES = {
    Job.State.QUEUED: ("Waiting", ""),
    Job.State.SUBMITTING: ("Being sent", "busy"),
    Job.State.OUTCOME_UNKNOWN: ("Outcome unknown", "warn"),
    Job.State.RUNNING: ("Running", "busy"),
    Job.State.PARTIAL: ("Running", "busy"),
    Job.State.SUCCEEDED: ("Done", "good"),
    Job.State.FAILED: ("Failed", "bad"),
    Job.State.REJECTED: ("Refused", "bad"),
    Job.State.EXPIRED: ("Expired", "bad"),
    Job.State.CANCELLED: ("Cancelled", ""),
}


class Badge(NamedTuple):
    words: str
    tone: str


class Step(NamedTuple):
    words: str
    place: str  # "done", "now" or "next"


def badge(job: Job) -> Badge:
    return Badge(*BADGES[Job.State(job.state)])


def steps(job: Job) -> list[Step]:
    """All stages of a running job, with the one it is in."""
    names = list(STAGES)
    here = names.index(job.stage) if job.stage in STAGES else 0
    places = ["done"] * here + ["now"] + ["next"] * (len(names) - here - 1)
    return [Step(STAGES[name], place) for name, place in zip(names, places, strict=True)]


def doing(job: Job, *, now: datetime) -> str:
    """One line for an open job."""
    if not is_local(job) and job.state != Job.State.QUEUED:
        return doing_there(job)
    if job.state == Job.State.RUNNING:
        return STAGES.get(job.stage, "Starting")
    if job.stage and not is_local(job):
        return job.stage  # its recording is on its way to the provider
    if job.error and job.next_action_at and job.next_action_at > now:
        return f"Tried and stopped; tries again in {span((job.next_action_at - now).seconds + 1)}"
    if job.source.is_busy:
        return "Waits until its recording is ready"
    return "Waits for its turn"


def is_local(job: Job) -> bool:
    return job.provider == LOCAL


def doing_there(job: Job) -> str:
    """One line for a job that its provider has, or is about to have."""
    title = job.get_provider_display_name()
    if job.state == Job.State.SUBMITTING:
        return f"Being sent to {title}"
    if job.state == Job.State.PARTIAL:
        return f"{title} is done; some files are still to come"
    return f"{title}: {job.stage}" if job.stage else f"{title} works on it"


def ordered(job: Job) -> str:
    """What was asked for."""
    if is_local(job):
        return options_in_words(job.options)
    said = "; ".join(f"{label}: {value}" for label, value in chosen(job)[:MOST_CHOSEN])
    left = len(job.options) - MOST_CHOSEN
    return (f"{said} and {left} more" if left > 0 else said) or "with its defaults"


def chosen(job: Job) -> list[tuple[str, str]]:
    """(label, value) of each option of a provider's job, as the form calls them."""
    adapter = PROVIDERS.get(job.provider)
    known = {option.name: option for option in adapter.options} if adapter else {}
    return [
        (known[name].label if name in known else name, value_in_words(known.get(name), value))
        for name, value in job.options.items()
    ]


def value_in_words(option: Option | None, value: Any) -> str:
    """
    >>> value_in_words(None, True), value_in_words(None, ["a", "b"])
    ('yes', 'a, b')
    >>> value_in_words(None, "A speech on the sea, its tides and all that lives below them")
    'A speech on the sea, its tides and all that lives below the…'
    >>> value_in_words(Option(name="to", label="To", kind="number", unit="s"), 6.0)
    '6 s'
    >>> value_in_words(None, 2_000_000), len(value_in_words(None, 10**400))
    ('2000000', 60)
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        number = f"{value:g}" if isinstance(value, float) else str(value)[:MOST_LETTERS]
        return f"{number} {option.unit if option else ''}".strip()
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    words = dict(option.choices).get(str(value), str(value)) if option else str(value)
    return words if len(words) < MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"


def cost(job: Job, kept: int = 0) -> str:
    """What it took from the account, altogether and for each clip that somebody keeps."""
    amount, unit = job.cost.get("amount"), job.cost.get("unit", "")
    if amount is None or not unit:
        return ""
    about = "about " if job.cost.get("is_estimate") else ""
    words = f"{about}{amount_in_words(amount, unit)}"
    return f"{words}, {amount_in_words(amount / kept, unit)} a kept clip" if kept else words


def options_in_words(options: dict[str, Any]) -> str:
    """
    >>> options_in_words({"aspect": "1:1", "min_duration": 20, "max_duration": 45})
    '12 clips of 20–45 s, 1:1'
    """
    shortest, longest = options.get("min_duration", 10), options.get("max_duration", 60)
    number = plural(options.get("count", COUNT), "clip")
    words = f"{number} of {shortest:g}–{longest:g} s, {options.get('aspect', '9:16')}"
    threshold = options.get("threshold", THRESHOLD)
    return words if threshold == THRESHOLD else f"{words}, from score {threshold:g}"


def why_few(job: Job, found: int) -> str:
    """Why a job that is done found fewer clips than asked for; empty when it found enough."""
    if not is_local(job):
        return NONE_FOUND if job.state == Job.State.SUCCEEDED and not found else ""
    wanted, summary = job.options.get("count", COUNT), job.summary
    if job.state != Job.State.SUCCEEDED or found >= wanted / 2 or not summary:
        return ""
    considered, best = summary.get("considered", 0), summary.get("best_score")
    if not considered or best is None:
        return (
            "No moment in it fits the lengths you asked for. "
            "Loosening takes shorter, longer and weaker ones too."
        )
    moments = plural(considered, "moment was", "moments were")
    threshold = summary.get("threshold", THRESHOLD)
    if not found:
        return f"{moments} considered; the best scores {best:.0f}, and a clip needs {threshold:g}."
    return (
        f"{found} of the {wanted} you asked for: {moments} considered, the best scores {best:.0f}, "
        f"and the others score below {threshold:g} or overlap with these."
    )


def took(job: Job) -> str:
    """How long it ran, once it has ended."""
    if not (job.started_at and job.finished_at):
        return ""
    return f"took {timecode(max(1, (job.finished_at - job.started_at).total_seconds()))}"


NONE_FOUND = "It finished, but lists no clips of this recording."
