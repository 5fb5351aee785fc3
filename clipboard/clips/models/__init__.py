from __future__ import annotations

from .clip import Clip, Rendition
from .job import ANALYSIS, RENDERING, Job
from .lease import MAX_ATTEMPTS, Lease, Leased, LeasedQuerySet
from .source import Source
from .tally import Heartbeat, Tally

__all__ = [
    "ANALYSIS",
    "MAX_ATTEMPTS",
    "RENDERING",
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
