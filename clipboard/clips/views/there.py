"""What a job's provider lists of it now, by the provider's own filters."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clipboard.clips import shelf
from clipboard.clips.forms.filters import filters_form
from clipboard.clips.models import Job
from clipboard.teams.access import editors_only

BADGES = {
    "detected": ("Found, not rendered", ""),
    "generating": ("Being rendered", "busy"),
    "completed": ("Ready", "good"),
    "failed": ("Failed", "bad"),
}


@require_safe
@editors_only
def job_there(request: Any, pk: int) -> HttpResponse:
    """The page comes at once; the provider is asked with `asked`."""
    job = listed_job(request, pk)
    form = filters_form(job.account.adapter)(request.GET if "asked" in request.GET else None)
    context: dict[str, Any] = {"job": job, "form": form, "clips": None, "problem": ""}
    if form.is_bound and form.is_valid():
        try:
            told = shelf.ask(
                job.account, job.account.adapter.clips(job.remote_id, **form.filters())
            )
            context["clips"] = told[: shelf.MOST_SHOWN]
        except shelf.Refused as refusal:
            context["problem"] = str(refusal)
    context |= {"ours": dict(job.clips.values_list("remote_id", "pk")), "badges": BADGES}
    status = 422 if form.errors else 200
    return render(request, "clips/job_there.html", context, status=status)


def listed_job(request: Any, pk: int) -> Any:
    jobs = Job.objects.of(request.team).with_source().select_related("account")
    job = get_object_or_404(jobs, pk=pk)
    if not job.is_listed_there:
        raise Http404
    return job
