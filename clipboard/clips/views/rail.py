"""The live part of the rail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event


@require_safe
def job_count(request: HttpRequest) -> HttpResponse:
    """Asked for while jobs run, and says so to whatever on the page waits for what they make."""
    response = render(request, "_rail_jobs.html")
    return trigger_client_event(response, "clipboard:work")
