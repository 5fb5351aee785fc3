"""Deleting here, at providers, or both: what there is to choose, and doing what was chosen.

What is to go at a provider is an errand (errands.py): it is done in the background, and told of.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar, NamedTuple

from django.db import transaction

from clipboard.clips.models import (
    Account,
    Clip,
    Download,
    Errand,
    Job,
    Source,
    ask_for,
    note,
)
from clipboard.clips.remove import remove_clips, remove_job, remove_source
from clipboard.lib.wording import plural

HERE, THERE, INPUT = "here", "there", "input"
GONE = (Job.State.EXPIRED, Job.State.REJECTED)


class Choice(NamedTuple):
    name: str
    words: str
    hint: str = ""


class Deletion(ABC):
    """Of one row. `problem`: why nothing of it may be deleted now; `hints`: what else to know."""

    what: ClassVar[str]

    def __init__(self) -> None:
        self.choices: list[Choice] = []
        self.hints: list[str] = []
        self.problem = ""

    @property
    @abstractmethod
    def title(self) -> str: ...

    @abstractmethod
    def remove_here(self) -> None: ...

    @abstractmethod
    def ask_there(self, chosen: Collection[str], by: Any, *, is_kept: bool) -> None: ...

    @property
    def places(self) -> set[str]:
        """All that can be chosen at providers."""
        return {choice.name for choice in self.choices} - {HERE, INPUT}

    def problem_with(self, chosen: Collection[str]) -> str:
        if self.problem:
            return self.problem
        if not chosen:
            return "Choose where to delete it."
        if INPUT in chosen and THERE not in chosen:
            return "The recording there can only go together with the job there."
        return ""

    @transaction.atomic
    def go(self, chosen: Collection[str], *, by: Any) -> str:
        """Returns what was done, in words."""
        is_kept, there = HERE not in chosen, bool(self.places & set(chosen))
        if there:
            self.ask_there(chosen, by, is_kept=is_kept)
        if not is_kept:
            self.remove_here()
        done = "" if is_kept else f"“{self.title}” is deleted here. "
        return f"{done}{UNDER_WAY if there else ''}".strip()


class JobDeletion(Deletion):
    what = "job"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        clips = job.clips.count()
        words = f"Here: the job and its {plural(clips, 'clip')}" if clips else "Here: the job"
        self.choices.append(Choice(HERE, words, held_by(Clip.objects.filter(job=job))))
        if account := account_of(job):
            title = account.title
            words = f"At {title} too: the job and what came of it there"
            hints = (when_deleted(job, account), lost_with([job]))
            self.choices.append(Choice(THERE, words, " ".join(filter(None, hints))))
            if account.adapter.can_delete_input and not feeds_others(job):
                self.choices.append(Choice(INPUT, f"And the recording that {title} has of it"))
        self.hints += hints_on(job)
        if job.state == Job.State.SUBMITTING:
            self.problem = BEING_SENT

    @property
    def title(self) -> str:
        return str(self.job)

    def remove_here(self) -> None:
        self.job.cancel()
        remove_job(self.job)

    def ask_there(self, chosen: Collection[str], by: Any, *, is_kept: bool) -> None:
        delete_job_there(self.job, by, is_kept=is_kept, with_input=INPUT in chosen)


class ClipDeletion(Deletion):
    what = "clip"

    def __init__(self, clip: Clip) -> None:
        super().__init__()
        self.clip, self.job = clip, clip.job
        self.choices.append(Choice(HERE, "Here", held_by(Clip.objects.filter(pk=clip.pk))))
        account = account_of(clip.job)
        if account and account.adapter.can_delete_clips:
            self.choices.append(Choice(THERE, f"At {account.title} too: this clip alone"))
        elif account and account.adapter.makes != "clips":
            self.choices.append(Choice(THERE, f"At {account.title} too: the job that made it"))
        elif account:
            self.hints.append(f"{account.title} deletes whole jobs only; this clip stays there.")
        else:
            self.hints += hints_on(clip.job)
        if clip.job.is_open and clip.job.account:
            self.problem = STILL_LISTED.format(clip.job.get_provider_display_name())

    @property
    def title(self) -> str:
        return self.clip.shown_title

    def remove_here(self) -> None:
        remove_clips(Clip.objects.filter(pk=self.clip.pk))

    def ask_there(self, chosen: Collection[str], by: Any, *, is_kept: bool) -> None:
        job, account = self.job, self.job.account
        if account is None or not account.adapter.can_delete_clips:
            return delete_job_there(job, by, is_kept=True, with_input=False)
        about = {"remote_clip_id": self.clip.remote_id, "job": job, "title": self.title[:255]}
        ask_for(account, Errand.Kind.DELETE_CLIP, job.remote_id, by=by, **about)
        note(job, "status", f"“{self.title}” is to be deleted at {account.title}.", by=by)


class SourceDeletion(Deletion):
    what = "recording"

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        clips = f", its {plural(source.clip_count, 'clip')}" if source.clip_count else ""
        held = held_by(Clip.objects.filter(source=source))
        self.choices.append(Choice(HERE, f"Here: the recording{clips} and its jobs", held))
        self.jobs = list(source.jobs.select_related("account", "copy"))
        self.accounts = there_with(source, self.jobs)
        for account, (jobs, copies) in self.accounts.items():
            words = f"At {account} too: {lying_there(jobs, copies)}"
            hints = (when_any_runs(account, jobs), lost_with(jobs))
            self.choices.append(Choice(f"at-{account.pk}", words, " ".join(filter(None, hints))))
        self.hints += sorted({hint for job in self.jobs for hint in hints_on(job)})
        if any(job.state == Job.State.SUBMITTING for job in self.jobs):
            self.problem = BEING_SENT

    @property
    def title(self) -> str:
        return self.source.title

    def remove_here(self) -> None:
        remove_source(self.source)

    def ask_there(self, chosen: Collection[str], by: Any, *, is_kept: bool) -> None:
        for account, (jobs, copies) in self.accounts.items():
            if f"at-{account.pk}" not in chosen:
                continue
            for job in jobs:
                delete_job_there(job, by, is_kept=is_kept, with_input=False)
            for copy in copies:
                kind, title = Errand.Kind.DELETE_RECORDING, self.title[:255]
                ask_for(account, kind, copy.remote_id, by=by, title=title)


# --- What is there --------------------------------------------------------------------------------


def account_of(job: Job) -> Account | None:
    """With which the job can be deleted at its provider, if it is there."""
    account, adapter = job.account, job.adapter
    is_there = bool(job.remote_id) and job.state not in GONE
    if account is None or adapter is None or account.is_disabled:
        return None
    return account if is_there and adapter.can_delete else None


def there_with(source: Source, jobs: list[Job]) -> dict[Account, tuple[list[Job], list[Any]]]:
    found: dict[Account, tuple[list[Job], list[Any]]] = {}
    for job in jobs:
        if account := account_of(job):
            found.setdefault(account, ([], []))[0].append(job)
    copies = source.copies.exclude(remote_id="").select_related("account")
    for copy in copies.filter(account__is_disabled=False):
        found.setdefault(copy.account, ([], []))[1].append(copy)
    return found


def lying_there(jobs: list[Job], copies: list[Any]) -> str:
    parts = ["the uploaded recording"] if copies else []
    if jobs:
        parts.append(
            f"{plural(len(jobs), 'job')} and what came of {'it' if len(jobs) == 1 else 'them'}"
        )
    return " and ".join(parts)


def held_by(clips: Any) -> str:
    kept = clips.filter(favourite_count__gt=0).count()
    return f"{plural(kept, 'clip')} that somebody marked as a favourite among it." if kept else ""


def when_any_runs(account: Account, jobs: list[Job]) -> str:
    hints = (when_deleted(job, account) for job in jobs)
    return next((hint for hint in hints if hint), "")


def when_deleted(job: Job, account: Account) -> str:
    if not job.is_open:
        return ""
    if account.adapter.deletes_running:
        return "It still runs there; that ends it."
    return f"It still runs there, and {account.title} deletes only what has ended: then it is done."


def lost_with(jobs: list[Job]) -> str:
    """What is still on its way is fetched first; what was given up is there alone."""
    failed = Download.objects.filter(clip__job__in=jobs, state=Download.State.FAILED).count()
    if not failed:
        return ""
    return f"{plural(failed, 'file')} could not be fetched and would be lost; fetch again first."


def hints_on(job: Job) -> list[str]:
    title, adapter = job.get_provider_display_name(), job.adapter
    if job.state == Job.State.OUTCOME_UNKNOWN:
        return [f"Nobody knows whether {title} took it; it may run and cost there all the same."]
    if adapter and job.remote_id and not adapter.can_delete:
        return [f"{title} offers no way to delete there; what it has stays."]
    return []


def feeds_others(job: Job) -> bool:
    """Whether another job still needs the recording that lies there."""
    return bool(job.copy and job.copy.jobs.open().exclude(pk=job.pk).exists())


def delete_job_there(job: Job, by: Any, *, is_kept: bool, with_input: bool) -> None:
    """What still runs is not followed any more."""
    if job.account is None:
        return
    job.cancel()
    ask_for(
        job.account,
        Errand.Kind.DELETE_JOB,
        job.remote_id,
        job=job if is_kept else None,
        with_input=with_input,
        copy=job.copy if with_input else None,
        title=job.source.title,
        by=by,
    )
    if is_kept:
        note(job, "status", f"It is to be deleted at {job.account.title}.", by=by)


UNDER_WAY = "At the provider it goes on in the background; see under Jobs how it went."
BEING_SENT = "It is being sent at this moment; wait a minute until it is known what came of that."
STILL_LISTED = "{} still works on its job and would list it again; wait for its end, or cancel it."
