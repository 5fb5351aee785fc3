"""Jobs: what runs, waits, failed and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clipboard.clips.models import Job


@require_safe
def job_list(request: Any) -> HttpResponse:
    jobs = Job.objects.of(request.team).listed().select_related("source")[:100]
    return render(request, "clips/job_list.html", {"jobs": jobs})
