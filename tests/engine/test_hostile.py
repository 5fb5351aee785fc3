from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import av
import pytest

from clipboard.engine import MediaError, Previews, Probe, child, ffmpeg
from tests.media_files import CANARY, COPY, PLAYS, Odd, made
from tests.odd_files import EVERY, OUTSIDE, PLAYLISTS

MEMORY = 600 * 2**20  # bytes, the child and its ffmpeg together
SECONDS = 30


@pytest.mark.parametrize("odd", EVERY, ids=lambda odd: odd.name)
def test_it_plays_or_says_why_not(odd: Odd, folder: Path, tmp_path: Path) -> None:
    file = made(odd, folder)
    if odd.expected not in (PLAYS, COPY):
        refusal = refused(file)
        assert refusal.code == odd.expected
        assert is_one_sentence(refusal.sentence)
        return

    found: Probe = measured("probe", {"path": file}, Probe)
    assert found.browser_playable == (odd.expected == PLAYS)
    previews = {"path": file, "out_dir": tmp_path, "probe": found}
    measured("previews", previews, Previews)
    assert not shows_canary(tmp_path / "poster.webp")
    assert not shows_canary(tmp_path / "filmstrip.webp")

    if odd.expected == COPY:
        copy = tmp_path / "copy.mp4"
        measured("proxy", {"path": file, "out": copy, "probe": found}, None)
        assert measured("probe", {"path": copy}, Probe).browser_playable
        assert plays_to_its_end(copy)
        assert not shows_canary(copy)


@pytest.mark.parametrize("odd", PLAYLISTS, ids=lambda odd: odd.name)
def test_it_never_follows_a_playlist_even_unrecognised(odd: Odd, folder: Path) -> None:
    locked = ffmpeg.opened(made(odd, folder))

    with pytest.raises(ffmpeg.FfmpegFailed):
        ffmpeg.run([*locked, "-frames:v", "1", "-f", "null", "-"])


def test_it_is_the_locks_that_keep_other_files_out(folder: Path, tmp_path: Path) -> None:
    file = made(next(odd for odd in PLAYLISTS if odd.name == "concat_relative.mkv"), folder)
    shown = tmp_path / "shown.png"

    ffmpeg.run(["-f", "concat", "-i", str(file), "-frames:v", "1", str(shown)])

    assert shows_canary(shown)


def test_it_takes_samples_from_no_other_file(folder: Path, tmp_path: Path) -> None:
    file, shown = made(OUTSIDE, folder), tmp_path / "shown.png"
    one_picture = ["-i", str(file), "-frames:v", "1", str(shown)]

    ffmpeg.run(["-enable_drefs", "1", "-use_absolute_path", "1", *one_picture])

    assert shows_canary(shown)
    assert refused(file).code == OUTSIDE.expected


def test_it_knows_the_canary_when_it_sees_it(folder: Path) -> None:
    made(OUTSIDE, folder)

    assert shows_canary(folder / CANARY)


def measured(task: str, arguments: dict[str, Any], result: Any) -> Any:
    """The task's result, if it stayed within the memory and the time allowed."""
    costs: list[child.Usage] = []
    started = time.monotonic()
    try:
        return child.run(task, arguments, result, on_usage=costs.append)
    finally:
        assert time.monotonic() - started < SECONDS
        assert [cost.memory < MEMORY for cost in costs] == [True]


def refused(file: Path) -> MediaError:
    with pytest.raises(MediaError) as caught:
        measured("probe", {"path": file}, Probe)
    return caught.value


def is_one_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and ". " not in text


def plays_to_its_end(copy: Path) -> bool:
    with av.open(str(copy), options={"err_detect": "explode"}) as container:
        *_, last = container.decode(video=0)
        return bool(last.time >= 1)


def shows_canary(picture: Path) -> bool:
    """Whether the first frame is magenta all over."""
    with av.open(str(picture)) as container:
        red, green, blue = next(container.decode(video=0)).to_ndarray(format="rgb24").mean((0, 1))
    return bool(red > 180 and green < 80 and blue > 180)
