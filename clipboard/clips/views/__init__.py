from __future__ import annotations

from .job import job_list
from .source import source_list

__all__ = ["job_list", "source_list"]
