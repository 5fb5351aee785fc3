from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks import crops
from benchmarks.footage import cut_footage
from clipboard.engine import Cancelled, MediaError, probe
from clipboard.engine.findings import Candidate
from clipboard.engine.rendering import Facts, RenderSpec, frame_of, render
from clipboard.engine.report import Report
from clipboard.engine.stills import still_here
from tests.media_files import encoded

FACTS = Facts(320, 180, 30.0, True)  # of the footage, as whoever probed it hands them on


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        ("9:16", (100, 180)),
        ("1:1", (180, 180)),
        ("4:5", (144, 180)),
        ("16:9", (320, 180)),
        ("source", (320, 180)),
    ],
)
def test_it_renders_each_aspect_and_never_scales_up(
    footage: tuple[Path, list[float]], tmp_path: Path, aspect: str, size: tuple[int, int]
) -> None:
    words = [(1.0, 2.0, "It's")]
    spec = RenderSpec(1.0, 2.5, aspect, 960, words=words, burn_captions=True, facts=FACTS)
    made = render(footage[0], tmp_path, spec)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "clip.mp4",
        "poster.webp",
        "strip.webp",
    ]
    found = probe(tmp_path / made.file)
    assert (found.width, found.height) == (made.width, made.height) == size
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert found.browser_playable
    assert abs(found.duration - 1.5) < 0.1
    content = (tmp_path / made.file).read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert (tmp_path / made.poster).read_bytes()[8:12] == b"WEBP"


def test_it_scales_down_to_the_height_asked_for(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    made = render(footage[0], tmp_path, RenderSpec(0, 1, "9:16", 120))
    assert (made.width, made.height) == (68, 120)


def test_it_renders_a_recording_without_sound(tmp_path: Path) -> None:
    cut_footage(tmp_path / "mute.mp4", tone=False, size="160x90")
    render(tmp_path / "mute.mp4", tmp_path / "out", RenderSpec(0, 1, "1:1", 360))
    found = probe(tmp_path / "out/clip.mp4")
    assert not found.has_audio


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a screen on which nothing moves from 2 s to 9 s: it has no picture there."""
    path = tmp_path_factory.mktemp("screen") / "screen.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=12")
    tone = ("-f", "lavfi", "-i", "sine=duration=12")
    rest = ("-vf", "select=lt(t\\,1.95)+gt(t\\,9)", "-fps_mode", "vfr", "-c:v", "libx264")
    encoded(path, *rest, inputs=(*picture, *tone))
    return path


@pytest.mark.parametrize("sound", [True, False], ids=["with sound", "mute"])
@pytest.mark.parametrize(("start", "end"), [(4.0, 8.0), (1.0, 8.0), (4.0, 11.0)])
def test_a_picture_stands_until_the_next_one_comes(
    screen: Path, tmp_path: Path, start: float, end: float, sound: bool
) -> None:
    facts = Facts(160, 90, 4.0, sound)
    render(screen, tmp_path, RenderSpec(start, end, "source", 90, facts=facts))

    found, shown = probe(tmp_path / "clip.mp4"), frames(tmp_path / "clip.mp4")
    assert found.has_audio == sound
    assert found.duration == pytest.approx(end - start, abs=0.3)
    assert shown[0][0] < 0.1
    before = [picture for at, picture in frames(screen) if at <= start][-1]
    assert np.abs(shown[0][1] - before).mean() < 6
    moving = [at - start for at, _ in frames(screen) if max(start, 9.0) < at < end - 0.1]
    assert all(any(abs(at - one) < 0.06 for one, _ in shown) for at in moving)


@pytest.mark.parametrize("start", [1.0, 4.0])
def test_it_notices_a_standing_picture_where_others_flow(
    screen: Path, tmp_path: Path, start: float
) -> None:
    facts = Facts(160, 90, 30.0, True)  # on the average of a recording that moves elsewhere
    render(screen, tmp_path, RenderSpec(start, 8, "source", 90, facts=facts))
    assert [frames(tmp_path / "clip.mp4")[at][0] for at in (0, -1)] == pytest.approx(
        [0, 8 - start], abs=0.1
    )


def test_a_still_shows_what_stands_there(screen: Path, tmp_path: Path) -> None:
    still_here(Report(io.BytesIO()), screen, 5, tmp_path / "still.webp", "source", 0.5, 160, fps=4)
    first, last = ([one for at, one in frames(screen) if at < 3][-1], frames(screen)[-1][1])
    ((_, shown),) = frames(tmp_path / "still.webp")
    assert np.abs(shown - first).mean() < 12 < np.abs(shown - last).mean()


def frames(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        return [
            (frame.time, frame.to_ndarray(format="gray").astype(int))
            for frame in container.decode(video=0)
        ]


def test_it_changes_the_crop_on_the_very_frame_of_the_cut(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    path, cuts = footage
    start, end = 0.5, 16.0
    crop = [(0.0, 0.3)]
    crop += [
        (round(at - start, 3), 0.7 if number % 2 == 0 else 0.3) for number, at in enumerate(cuts)
    ]
    render(path, tmp_path, RenderSpec(start, end, "9:16", 180, crop=crop, facts=FACTS))
    clip = Candidate(start, end, 50, None, "", "", [], [], [], crop, [], 1.0)
    seen = crops.look(path, clip, tmp_path / "clip.mp4", 9 / 16, tmp_path)
    assert seen.cuts == len(cuts)
    assert seen.frames >= 40
    assert seen.wrong == 0


def test_it_puts_the_captions_on_the_picture_but_not_on_the_poster(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    words = [(0.0, 1.0, "WWWWWW")]
    plain, burned = (
        render(
            footage[0],
            tmp_path / str(burn),
            RenderSpec(0, 1, "9:16", 360, words=words, burn_captions=burn, facts=FACTS),
        )
        for burn in (False, True)
    )
    assert burned.size > plain.size
    posters = [(tmp_path / str(burn) / "poster.webp").read_bytes() for burn in (False, True)]
    assert posters[0] == posters[1]


def test_it_leaves_nothing_when_cancelled(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        render(footage[0], tmp_path, RenderSpec(0, 18, "16:9", 360), should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_it_says_so_when_the_range_holds_no_picture(
    footage: tuple[Path, list[float]], tmp_path: Path
) -> None:
    with pytest.raises(MediaError):
        render(footage[0], tmp_path, RenderSpec(500, 510, "9:16", 360))


@pytest.mark.parametrize(
    ("source", "aspect", "height", "size"),
    [
        ((1920, 1080), "9:16", 960, (540, 960)),
        ((1920, 1080), "9:16", 1920, (606, 1080)),
        ((1080, 1920), "9:16", 960, (540, 960)),
        ((1080, 1920), "16:9", 960, (1080, 606)),
        ((853, 479), "source", 960, (852, 478)),
        ((64, 36), "9:16", 960, (20, 36)),
    ],
)
def test_it_chooses_even_sizes_inside_the_source(
    source: tuple[int, int], aspect: str, height: int, size: tuple[int, int]
) -> None:
    frame = frame_of(Facts(*source, 30, True), aspect, height)
    assert (frame.width, frame.height) == size
