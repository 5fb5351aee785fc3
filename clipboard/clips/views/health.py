"""Whether everything that must run does, for whoever watches the machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clipboard.clips import queue
from clipboard.clips.models import Heartbeat

STALE_SECONDS = 60
PARTS = ("work", "steps", "media")


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers and every part has said within a minute that it lives."""
    try:
        answer = health(timezone.now())
    except DatabaseError:
        answer = {"ok": False, "database": "does not answer"}
    response = JsonResponse(answer, status=200 if answer["ok"] else 503)
    # Whoever asks is told; a 503 while it starts is no error for Django to log.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def health(now: datetime) -> dict[str, Any]:
    beats = dict(Heartbeat.objects.values_list("name", "beat_at"))
    ages = {
        part: round((now - beats[part]).total_seconds(), 1) if part in beats else None
        for part in PARTS
    }
    return {
        "ok": all(age is not None and age < STALE_SECONDS for age in ages.values()),
        "database": "ok",
        "seconds_since_beat": ages,
        "oldest_due_seconds": round(queue.oldest_due(), 1),
    }
