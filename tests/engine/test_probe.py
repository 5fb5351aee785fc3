from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from clipboard.engine import Probe, probe
from clipboard.engine.probing import packets_of, real_duration
from tests.media_files import H264, SOUND, Odd, encoded, made, plain, small
from tests.odd_files import EVERY


def probed(name: str, folder: Path) -> Probe:
    odd: Odd = next(odd for odd in EVERY if odd.name == name)
    return probe(made(odd, folder))


def test_it_tells_what_a_recording_is(folder: Path) -> None:
    found = probe(plain(folder))

    assert (found.width, found.height, found.rotation, found.fps) == (320, 180, 0, 25)
    assert (found.video_codec, found.audio_codec, found.container) == ("h264", "aac", "mp4")
    assert found.duration == pytest.approx(3, abs=0.1)
    assert found.size == plain(folder).stat().st_size
    assert found.has_audio
    assert found.browser_playable
    assert not found.variable_frame_rate


def test_it_gives_the_size_as_shown(folder: Path) -> None:
    turned = probed("turned_90.mp4", folder)
    wide = probed("wide_pixels.mp4", folder)

    assert (turned.width, turned.height) == (180, 320)
    assert turned.rotation in (90, 270)
    assert (wide.width, wide.height) == (320, 90)


def test_it_measures_the_duration_that_is_really_there(folder: Path) -> None:
    assert probed("recorder.webm", folder).duration == pytest.approx(3, abs=0.1)
    assert probed("lasts_for_ever.mp4", folder).duration == pytest.approx(3, abs=0.1)
    assert probed("lasts_an_age.mkv", folder).duration == pytest.approx(3, abs=0.1)
    assert 1 < probed("cut_after_index.mp4", folder).duration < 2.5


class Counted:
    """An open recording that tells how many of its packets were looked at."""

    def __init__(self, container: Any) -> None:
        self.container, self.count = container, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.container, name)

    def demux(self, *streams: Any) -> Iterator[Any]:
        for packet in self.container.demux(*streams):
            self.count += 1
            yield packet


def test_it_finds_the_end_of_a_long_recording_without_reading_all_of_it(tmp_path: Path) -> None:
    """A browser's recorder writes no duration: hours of its packets would take too long."""
    path = tmp_path / "recorder.mkv"
    encoded(path, *H264, "-g", "5", "-live", "1", inputs=(*small(), *SOUND))
    with av.open(str(path)) as container:
        counted = Counted(container)
        duration = real_duration(counted, [*container.streams.video, *container.streams.audio])
        container.seek(0)
        packets = len(list(container.demux()))

    assert duration == pytest.approx(3, abs=0.1)
    assert counted.count < packets / 2


class Fickle:
    """An open recording in which a stream comes up that its header did not name."""

    def __init__(self) -> None:
        self.left = ["first", None, None, "second"]

    def demux(self, *streams: Any) -> Iterator[Any]:
        while self.left:
            if (packet := self.left.pop(0)) is None:
                raise IndexError("list index out of range")  # as PyAV says it
            yield packet


def test_it_reads_on_where_a_stream_comes_up_midway() -> None:
    assert list(packets_of(Fickle())) == ["first", "second"]


def test_it_notices_an_uneven_frame_rate(folder: Path) -> None:
    assert probed("uneven.mp4", folder).variable_frame_rate


def test_it_notices_missing_sound(folder: Path) -> None:
    found = probed("no_sound.mp4", folder)

    assert not found.has_audio
    assert found.audio_codec is None


def test_it_names_the_type_to_serve_a_file_with(folder: Path) -> None:
    assert probed("recorder.webm", folder).content_type == "video/webm"
    assert probed("plain.mkv", folder).content_type == "video/x-matroska"
    assert probed("plain.mov", folder).content_type == "video/quicktime"
