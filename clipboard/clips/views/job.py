"""Jobs: what runs, waits, failed and why, with the one action that helps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips import progress
from clipboard.clips.models import Clip, Delivery, Download, Job, note
from clipboard.clips.tasks import ask_later, look_later
from clipboard.lib.wording import plural
from clipboard.providers.reading import identity
from clipboard.teams.access import editors_only

from .delete import told_of
from .source import number

PAGE = 30
MOST_RETRIED = 200
MOST_EVENTS = 500
MOST_RAW = 20
LARGEST = 2**62
ORDERED_AGAIN = "Ordered again."


@require_safe
def job_list(request: Any) -> HttpResponse:
    told = {"deletions": told_of(request)}
    return render(request, "clips/job_list.html", listed(request) | told)


@require_safe
def job_progress(request: Any) -> HttpResponse:
    """Those that were open when the page asked last, as they are now; all if there are new ones."""
    jobs = jobs_of(request)
    newest = number(request.GET.get("newest"))
    if jobs.filter(pk__gt=newest).exists():
        response = render(request, "clips/_job_list.html", listed(request))
        response["HX-Retarget"], response["HX-Reswap"] = "#job-list", "outerHTML"
        return response
    asked = [number(pk) for pk in request.GET.get("open", "").split(",")[:PAGE]]
    context = context_of(request, jobs.filter(pk__in=asked)) | {"newest": newest}
    return render(request, "clips/_job_progress.html", context)


@require_safe
def job_detail(request: Any, pk: int) -> HttpResponse:
    """One job with everything that happened to it."""
    job = get_object_or_404(jobs_of(request), pk=pk)
    events = job.events.select_related("by").order_by("-pk")[:MOST_EVENTS]
    told = {"job": job, "events": events, "deliveries": deliveries_of(request, job)}
    return render(request, "clips/job_detail.html", context_of(request, [job]) | told)


@require_POST
@editors_only
def job_retry_failed(request: Any) -> HttpResponse:
    """All that failed, except where another try would be vain from the start. What may be done at
    its provider by now is looked at, and not bought again."""
    rows = Job.objects.of(request.team).worth_retrying().with_source().select_related("account")
    failed = list(rows.listed()[:MOST_RETRIED])
    late = [job for job in failed if job.was_given_up]
    asked = [job for job in late if job.look_again()]
    retried = [job for job in failed if job not in late and job.retry()]
    for job in retried:
        note(job, "ordered", ORDERED_AGAIN, by=request.user)
    go_on()
    said = [(retried, "queued again"), (asked, "asked after again")]
    words = ", ".join(f"{plural(len(jobs), 'job')} {verb}" for jobs, verb in said if jobs)
    return listed_again(request, f"{words}." if words else "There is none to try again.")


@require_POST
@editors_only
def job_poll(request: Any, pk: int) -> HttpResponse:
    """Have its provider asked now."""
    job = one_of(request, pk)
    asked = job.look_again()
    ask_later()
    title = job.get_provider_display_name()
    return changed(request, pk, f"{title} is asked now." if asked else "There is nothing to ask.")


@require_POST
@editors_only
def job_outcome(request: Any, pk: int) -> HttpResponse:
    """What a person found out at the provider: its number there, or with `not_taken` that it has
    none, so that it is sent again."""
    job = one_of(request, pk)
    title, remote_id = job.get_provider_display_name(), identity(request.POST.get("remote_id"))
    if not remote_id and "not_taken" not in request.POST:
        return changed(request, pk, f"Copy its number from {title} first.", status=422)
    remote_id = "" if "not_taken" in request.POST else remote_id
    if twin := job.twin(remote_id):
        words = f"That is the number of another job, of “{twin.source}”. Look for this one's own."
        return changed(request, pk, words, status=422)
    told_now = job.tell_outcome(remote_id=remote_id)
    words = f"It was taken by {title} as {remote_id}." if remote_id else "It was not taken."
    if told_now:
        note(job, "taken" if remote_id else "ordered", words, by=request.user)
        ask_later()
    return changed(request, pk, words if told_now else "That is known already.")


@require_POST
@editors_only
def job_cancel(request: Any, pk: int) -> HttpResponse:
    job = one_of(request, pk)
    cancelled = job.cancel()
    if cancelled and job.account:
        note(job, "ended", "Cancelled.", by=request.user)
    kept = " The clips it had found stay." if job.clips.exists() else ""
    if job.remote_id or job.sent_at:
        kept += f" {job.get_provider_display_name()} may go on with it, but is asked no more."
    return changed(request, pk, f"Cancelled.{kept}" if cancelled else "It had ended already.")


@require_POST
@editors_only
def job_retry(request: Any, pk: int) -> HttpResponse:
    job = one_of(request, pk)
    title, unheard = job.get_provider_display_name(), job.went_unheard
    retried = job.retry()
    if retried and job.account:
        words = f"To be ordered again, unless {title} has taken it." if unheard else ORDERED_AGAIN
        note(job, "ordered", words, by=request.user)
    go_on()
    words = f"First {title} is asked whether it took it." if unheard else "It is queued again."
    return changed(request, pk, words if retried else "It cannot be tried again.")


@require_POST
@editors_only
def job_fetch(request: Any, pk: int) -> HttpResponse:
    """Have the files of its clips that were given up, or put off, fetched now."""
    job = one_of(request, pk)
    files = Download.objects.filter(clip__job=job).fetch_again()
    if files:
        note(job, "download", f"{plural(files, 'file')} fetched again.", by=request.user)
        look_later()
    words = f"{plural(files, 'file')} fetched now." if files else "There is no file to fetch."
    return changed(request, pk, words)


@require_POST
@editors_only
def job_loosen(request: Any, pk: int) -> HttpResponse:
    """Another job on the same recording, that is content with weaker, shorter and longer clips."""
    job = one_of(request, pk)
    if not job.can_loosen:
        return listed_again(request, "Its limits cannot be made looser.")
    job.loosen(by=request.user)
    look_later()
    return listed_again(request, "It runs again with looser limits.")


def deliveries_of(request: Any, job: Job) -> list[Delivery]:
    """What the provider sent by itself, for those who look after the account."""
    if not (request.membership.can_manage and job.account and job.remote_id):
        return []
    return list(job.account.deliveries.filter(remote_id=job.remote_id).order_by("-pk")[:MOST_RAW])


def go_on() -> None:
    look_later()
    ask_later()


def one_of(request: Any, pk: int) -> Job:
    jobs = Job.objects.of(request.team).with_source().select_related("account")
    return get_object_or_404(jobs, pk=pk)


def listed_again(request: Any, words: str) -> HttpResponse:
    if not request.htmx:
        messages.info(request, words)
        return redirect("job_list")
    response = render(request, "clips/_job_list.html", listed(request))
    response["HX-Retarget"] = "#job-list"
    return told(response, words)


def changed(request: Any, pk: int, words: str, *, status: int = 200) -> HttpResponse:
    if not request.htmx:
        messages.info(request, words)
        return redirect("job_list")
    job = get_object_or_404(jobs_of(request), pk=pk)
    row = context_of(request, [job]) | {"job": job}
    return told(render(request, "clips/_job.html", row, status=status), words)


def told(response: HttpResponse, words: str) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({"clipboard:toast": {"text": words}, "clipboard:jobs": {}})
    return response


def jobs_of(request: Any) -> Any:
    """With how many clips were found and rendered: counted for the rows shown, not by a join."""
    clips = Clip.objects.filter(job=OuterRef("pk"))
    given_up = Download.objects.filter(clip__job=OuterRef("pk"), state=Download.State.FAILED)
    return (
        Job.objects.of(request.team)
        .listed()
        .with_source()
        .select_related("created_by", "account")
        .annotate(
            found=how_many(clips),
            rendered=how_many(clips.filter(status=Clip.Status.COMPLETED)),
            kept=how_many(clips.filter(favourite_count__gt=0)),
            lost=how_many(clips.filter(download__state=Download.State.FAILED)),
            lost_why=Subquery(given_up.order_by("-pk").values("error")[:1]),
        )
    )


def how_many(rows: Any) -> Coalesce:
    counted = rows.order_by().values("job").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def listed(request: Any) -> dict[str, Any]:
    jobs, before = jobs_of(request), number(request.GET.get("before"))
    last = Job.objects.of(request.team).filter(pk=before).first() if before else None
    rows = list((jobs.before(last) if last else jobs)[: PAGE + 1])
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = context_of(request, rows[:PAGE])
    return context | {
        "older": more,
        "is_first_page": last is None,
        "failed": Job.objects.of(request.team).worth_retrying()[: MOST_RETRIED + 1].count(),
        "newest": LARGEST if last else max((job.pk for job in rows), default=LARGEST),
    }


def context_of(request: Any, jobs: Iterable[Job]) -> dict[str, Any]:
    rows = list(jobs)
    return {
        "jobs": rows,
        "open_jobs": ",".join(str(job.pk) for job in rows if job.moves),
        "progress": progress,
        "now": timezone.now(),
        "can_edit": request.membership.can_edit,
        "can_manage": request.membership.can_manage,
    }
