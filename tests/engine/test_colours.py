from __future__ import annotations

import io
from pathlib import Path

import av
import pytest

from clipboard.engine.colours import mapping
from clipboard.engine.probing import Probe, describe
from clipboard.engine.proxy import make_proxy_here
from clipboard.engine.rendering import Facts, RenderSpec, render_here
from clipboard.engine.report import Report
from clipboard.engine.stills import still_here
from tests.media_files import encoded

GREY = ("-f", "lavfi", "-i", "color=c=0x949494:size=96x54:rate=25:duration=1.2")
HIGH = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
TEN_BITS = ("-pix_fmt", "yuv420p10le", "-preset", "ultrafast", "-x265-params", HIGH)


@pytest.fixture(scope="module")
def white(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Probe]:
    """White of 203 cd/m² in PQ (ITU-R BT.2408), which taken as it stands is a middle grey."""
    path = tmp_path_factory.mktemp("colours") / "white.mp4"
    encoded(path, "-c:v", "libx265", *TEN_BITS, inputs=GREY)
    return path, describe(path)


def brightness(picture: Path) -> float:
    """Of the first frame, 0 to 255, as a screen shows it."""
    with av.open(str(picture)) as container:
        frame = next(container.decode(video=0))
        assert frame.color_trc not in (16, 18)
        return float(frame.to_ndarray(format="rgb24").mean())


def test_what_is_white_in_high_dynamic_range_is_white_in_clips(
    white: tuple[Path, Probe], tmp_path: Path
) -> None:
    path, probe = white
    report = Report(io.BytesIO())
    facts = Facts(96, 54, 25.0, False, "hevc")

    render_here(report, path, tmp_path, RenderSpec(0, 1, "source", 54, facts=facts))
    still_here(report, path, 0.5, tmp_path / "still.webp", "9:16", 0.5, 54, "hevc")
    make_proxy_here(report, path, tmp_path / "proxy.mp4", probe)

    names = ("clip.mp4", "poster.webp", "strip.webp", "still.webp", "proxy.mp4")
    assert min(brightness(tmp_path / name) for name in names) > 200


def test_standard_colours_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "grey.mp4"
    encoded(path, "-c:v", "libx265", "-x265-params", "log-level=none", inputs=GREY)

    assert mapping(path, "hevc") == mapping(path, "h264") == ""
