"""Recordings in; previews, candidate clips and rendered clips out. Knows no Django.

Every call but `is_cut_short` runs in a child process of its own (see child.py) and raises
MediaError, whose sentence a person can read, or Cancelled.
"""

from __future__ import annotations

from clipboard.engine.abilities import Abilities, abilities
from clipboard.engine.boxes import is_cut_short
from clipboard.engine.errors import Cancelled, MediaError
from clipboard.engine.find import find_clips
from clipboard.engine.findings import Candidate, Findings, Options, Part
from clipboard.engine.previews import Filmstrip, Previews, make_previews
from clipboard.engine.probe import Probe, probe
from clipboard.engine.proxy import make_proxy
from clipboard.engine.render import Facts, Rendered, RenderSpec, render
from clipboard.engine.still import still
from clipboard.engine.vtt import vtt

__all__ = [
    "Abilities",
    "Cancelled",
    "Candidate",
    "Facts",
    "Filmstrip",
    "Findings",
    "MediaError",
    "Options",
    "Part",
    "Previews",
    "Probe",
    "RenderSpec",
    "Rendered",
    "abilities",
    "find_clips",
    "is_cut_short",
    "make_previews",
    "make_proxy",
    "probe",
    "render",
    "still",
    "vtt",
]
