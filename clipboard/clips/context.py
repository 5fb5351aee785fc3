"""What the frame around every page knows about the clips; asked only by pages that show it."""

from __future__ import annotations

from functools import partial
from typing import Any

from clipboard.clips.models import Job


def rail(request: Any) -> dict[str, Any]:
    return {"open_job_count": partial(open_job_count, request)}


def open_job_count(request: Any) -> int:
    return Job.objects.of(request.team).open().count()
