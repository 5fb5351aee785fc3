"""The clip grid and what people decide there."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clipboard.clips.models import Clip


@require_safe
def clip_list(request: Any) -> HttpResponse:
    clips = Clip.objects.of(request.team).order_by("-score", "-pk")[:24]
    return render(request, "review/clip_list.html", {"clips": clips})
