"""High dynamic range, as phones record it, brought down to what every screen and site shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clipboard.engine.ffmpeg import LOCKS

# Transfer functions PQ and HLG by their numbers in ITU-T H.273, and what can be coded with them.
HIGH = {16: "smpte2084", 18: "arib-std-b67"}
MAY_BE_HIGH = ("hevc", "av1", "vp9", "prores")
# White of a page is at 203 cd/m² (ITU-R BT.2408); what is brighter is pressed together above it.
MAPPED = (
    ",zscale=tin={}:pin=2020:min=2020_ncl:t=linear:npl=203,format=gbrpf32le,zscale=p=709,"
    "tonemap=mobius:desat=0,zscale=t=709:m=709:r=limited"
)


def mapping(path: Path, codec: str | None) -> str:
    """Filters to follow those that scale a recording's pictures; empty for standard colours."""
    if codec not in MAY_BE_HIGH:
        return ""
    import av
    import av.error

    try:
        with av.open(f"file:{path.absolute()}", options=dict(LOCKS)) as container:
            streams: Any = container.streams.video
            transfers = [one.codec_context.color_trc for one in streams]
    except av.error.FFmpegError:
        return ""
    return next((MAPPED.format(HIGH[one]) for one in transfers if one in HIGH), "")
