"""Jobs: what runs, waits, failed and why, with the one action that helps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips import progress
from clipboard.clips.models import Clip, Job
from clipboard.clips.tasks import look_later
from clipboard.teams.access import editors_only

PAGE = 30
LARGEST = 2**62


@require_safe
def job_list(request: Any) -> HttpResponse:
    return render(request, "clips/job_list.html", listed(request))


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


@require_POST
@editors_only
def job_cancel(request: Any, pk: int) -> HttpResponse:
    job = one_of(request, pk)
    cancelled = job.cancel()
    kept = " The clips it had found stay." if job.clips.exists() else ""
    return changed(request, pk, f"Cancelled.{kept}" if cancelled else "It had ended already.")


@require_POST
@editors_only
def job_retry(request: Any, pk: int) -> HttpResponse:
    retried = one_of(request, pk).retry()
    look_later()
    return changed(request, pk, "It is queued again." if retried else "It cannot be tried again.")


@require_POST
@editors_only
def job_loosen(request: Any, pk: int) -> HttpResponse:
    """Another job on the same recording, that is content with weaker, shorter and longer clips."""
    job = one_of(request, pk)
    if job.can_loosen:
        job.loosen(by=request.user)
        look_later()
    if not request.htmx:
        return redirect("job_list")
    response = render(request, "clips/_job_list.html", listed(request))
    response["HX-Retarget"] = "#job-list"
    return told(response, "It runs again with looser limits.")


def one_of(request: Any, pk: int) -> Job:
    return get_object_or_404(Job.objects.of(request.team).select_related("source"), pk=pk)


def changed(request: Any, pk: int, words: str) -> HttpResponse:
    if not request.htmx:
        return redirect("job_list")
    context = context_of(request, jobs_of(request).filter(pk=pk))
    return told(render(request, "clips/_job.html", context | {"job": context["jobs"][0]}), words)


def told(response: HttpResponse, words: str) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({"clipboard:toast": {"text": words}, "clipboard:jobs": {}})
    return response


def jobs_of(request: Any) -> Any:
    """With how many clips were found and rendered: counted for the rows shown, not by a join."""
    clips = Clip.objects.filter(job=OuterRef("pk"))
    return (
        Job.objects.of(request.team)
        .listed()
        .select_related("source", "created_by")
        .annotate(
            found=how_many(clips),
            rendered=how_many(clips.filter(status=Clip.Status.COMPLETED)),
        )
    )


def how_many(rows: Any) -> Coalesce:
    counted = rows.order_by().values("job").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def listed(request: Any) -> dict[str, Any]:
    before = number(request.GET.get("before")) or LARGEST
    rows = list(jobs_of(request).filter(pk__lt=before)[: PAGE + 1])
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = context_of(request, rows[:PAGE])
    return context | {
        "older": more,
        "is_first_page": before == LARGEST,
        "newest": rows[0].pk if rows and before == LARGEST else LARGEST,
    }


def context_of(request: Any, jobs: Iterable[Job]) -> dict[str, Any]:
    rows = list(jobs)
    return {
        "jobs": rows,
        "open_jobs": ",".join(str(job.pk) for job in rows if job.is_open),
        "progress": progress,
        "now": timezone.now(),
        "can_edit": request.membership.can_edit,
    }


def number(given: str | None) -> int:
    """An id from an address; 0 for what is none."""
    text = given or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
