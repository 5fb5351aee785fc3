from __future__ import annotations

from .clip import Clip, Rendition
from .job import ANALYSIS, COUNT, RENDERING, THRESHOLD, Job
from .lease import MAX_ATTEMPTS, Lease, Leased, LeasedQuerySet
from .source import Source
from .tally import Heartbeat, Tally

__all__ = [
    "ANALYSIS",
    "COUNT",
    "MAX_ATTEMPTS",
    "RENDERING",
    "THRESHOLD",
    "Clip",
    "Heartbeat",
    "Job",
    "Lease",
    "Leased",
    "LeasedQuerySet",
    "Rendition",
    "Source",
    "Tally",
]
