"""The live part of the rail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def job_count(request: HttpRequest) -> HttpResponse:
    return render(request, "_rail_jobs.html")
