"""Recordings."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clipboard.clips.models import Source


@require_safe
def source_list(request: Any) -> HttpResponse:
    sources = Source.objects.of(request.team).listed()[:60]
    return render(request, "clips/source_list.html", {"sources": sources})
