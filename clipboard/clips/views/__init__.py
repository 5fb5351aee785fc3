from __future__ import annotations

from .health import healthz
from .job import job_list
from .rail import job_count
from .source import source_list

__all__ = ["healthz", "job_count", "job_list", "source_list"]
