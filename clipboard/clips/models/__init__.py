from __future__ import annotations

from .account import Account, Spent, allowed, give_back, take_from_budget, wait_for_budget
from .clip import Clip, Rendition
from .copy import RemoteCopy, copy_of
from .delivery import Delivery
from .download import REFRESH_PAUSE, REFRESH_SECONDS, Download, order_downloads
from .due import Due
from .errand import Errand, ask_for
from .event import JobEvent, note
from .job import ANALYSIS, COUNT, NO_USE, RENDERING, THRESHOLD, UNUSABLE, Job
from .lease import LET_GO, MAX_ATTEMPTS, Lease, Leased, LeasedQuerySet, change_owned
from .preset import Preset
from .remote import sealed
from .source import LONG, Source
from .tally import Heartbeat, Tally

__all__ = [
    "ANALYSIS",
    "COUNT",
    "LET_GO",
    "LONG",
    "MAX_ATTEMPTS",
    "NO_USE",
    "REFRESH_PAUSE",
    "REFRESH_SECONDS",
    "RENDERING",
    "THRESHOLD",
    "UNUSABLE",
    "Account",
    "Clip",
    "Delivery",
    "Download",
    "Due",
    "Errand",
    "Heartbeat",
    "Job",
    "JobEvent",
    "Lease",
    "Leased",
    "LeasedQuerySet",
    "Preset",
    "RemoteCopy",
    "Rendition",
    "Source",
    "Spent",
    "Tally",
    "allowed",
    "ask_for",
    "change_owned",
    "copy_of",
    "give_back",
    "note",
    "order_downloads",
    "sealed",
    "take_from_budget",
    "wait_for_budget",
]
