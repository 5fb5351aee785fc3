"""Recordings in; previews, candidate clips and rendered clips out. Knows no Django.

Every call on a recording but `is_cut_short` runs in a child process of its own (see child.py) and
raises MediaError, whose sentence a person can read, or Cancelled.

What is named here is loaded when it is first asked for, since each such child begins with this
file. So no module may have the name of a function: it would stand in its place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clipboard.engine.boxes import is_cut_short as is_cut_short
    from clipboard.engine.errors import Cancelled as Cancelled
    from clipboard.engine.errors import MediaError as MediaError
    from clipboard.engine.find import find_clips as find_clips
    from clipboard.engine.findings import Candidate as Candidate
    from clipboard.engine.findings import Findings as Findings
    from clipboard.engine.findings import Options as Options
    from clipboard.engine.findings import Part as Part
    from clipboard.engine.installed import Abilities as Abilities
    from clipboard.engine.installed import abilities as abilities
    from clipboard.engine.previews import Filmstrip as Filmstrip
    from clipboard.engine.previews import Previews as Previews
    from clipboard.engine.previews import make_previews as make_previews
    from clipboard.engine.probing import Probe as Probe
    from clipboard.engine.probing import probe as probe
    from clipboard.engine.proxy import make_proxy as make_proxy
    from clipboard.engine.rendering import Facts as Facts
    from clipboard.engine.rendering import Rendered as Rendered
    from clipboard.engine.rendering import RenderSpec as RenderSpec
    from clipboard.engine.rendering import render as render
    from clipboard.engine.stills import still as still
    from clipboard.engine.webvtt import vtt as vtt

HOMES = {
    "boxes": ("is_cut_short",),
    "errors": ("Cancelled", "MediaError"),
    "find": ("find_clips",),
    "findings": ("Candidate", "Findings", "Options", "Part"),
    "installed": ("Abilities", "abilities"),
    "previews": ("Filmstrip", "Previews", "make_previews"),
    "probing": ("Probe", "probe"),
    "proxy": ("make_proxy",),
    "rendering": ("Facts", "RenderSpec", "Rendered", "render"),
    "stills": ("still",),
    "webvtt": ("vtt",),
}


def __getattr__(name: str) -> Any:
    for module, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
