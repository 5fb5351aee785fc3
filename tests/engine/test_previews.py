from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from clipboard.engine import Cancelled, Probe, make_previews, probe, still
from clipboard.engine.frames import Picture, filled
from clipboard.engine.previews import poster_size
from tests.media_files import Odd, encoded, made, plain
from tests.odd_files import EVERY

RED_AND_BLUE = "color=red:size=80x90,pad=160:90:0:0:blue,trim=duration=2,fps=25"


@pytest.fixture(scope="module")
def known(folder: Path) -> Probe:
    """What there is to say of the plain recording."""
    return probe(plain(folder))


def odd(name: str, folder: Path) -> Path:
    one: Odd = next(odd for odd in EVERY if odd.name == name)
    return made(one, folder)


def pixels(picture: Path) -> np.ndarray:
    with av.open(str(picture)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_it_makes_poster_filmstrip_and_waveform(folder: Path, tmp_path: Path, known: Probe) -> None:
    file = plain(folder)

    made = make_previews(file, tmp_path, known)

    strip = made.strip
    assert (strip.count, strip.interval) == (6, 0.5)
    sheet = (strip.rows * strip.tile_height, strip.columns * strip.tile_width, 3)
    assert pixels(tmp_path / made.filmstrip).shape == sheet
    assert pixels(tmp_path / made.poster).shape == (180, 320, 3)
    assert len(made.waveform) == 800
    assert max(made.waveform) == 100


def test_it_shows_another_key_frame_in_every_second(
    folder: Path, tmp_path: Path, known: Probe
) -> None:
    file = plain(folder)

    strip = make_previews(file, tmp_path, known).strip

    sheet = pixels(tmp_path / "filmstrip.webp").astype(int)
    tiles = [sheet[:, left : left + strip.tile_width] for left in range(0, sheet.shape[1], 384)]
    assert all(np.abs(one - next_).mean() > 1 for one, next_ in pairwise(tiles))


def test_it_turns_the_pictures_as_a_player_does(folder: Path, tmp_path: Path) -> None:
    file = odd("turned_90.mp4", folder)

    make_previews(file, tmp_path, probe(file))
    still(file, 0.04, tmp_path / "still.webp", aspect="source")

    poster, turned = pixels(tmp_path / "poster.webp"), pixels(tmp_path / "still.webp")
    assert poster.shape == turned.shape == (320, 180, 3)
    assert np.abs(poster.astype(int) - turned).mean() < 40
    assert np.abs(poster[::-1, ::-1].astype(int) - turned).mean() > 40


def test_it_draws_no_waveform_for_silence(folder: Path, tmp_path: Path) -> None:
    file = odd("black_and_silent.mp4", folder)

    assert make_previews(file, tmp_path, probe(file)).waveform == []


def test_it_may_be_run_twice_and_leaves_only_its_files(
    folder: Path, tmp_path: Path, known: Probe
) -> None:
    file = plain(folder)

    first = make_previews(file, tmp_path, known)
    second = make_previews(file, tmp_path, known)

    assert first == second
    assert sorted(one.name for one in tmp_path.iterdir()) == ["filmstrip.webp", "poster.webp"]


def test_it_leaves_nothing_when_cancelled(folder: Path, tmp_path: Path, known: Probe) -> None:
    file = plain(folder)

    with pytest.raises(Cancelled):
        make_previews(file, tmp_path, known, should_stop=lambda: True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("x", "channel"), [(0.0, 0), (1.0, 2)])
def test_it_crops_a_still_around_its_subject(tmp_path: Path, x: float, channel: int) -> None:
    file = tmp_path / "halves.mp4"
    encoded(file, "-c:v", "libx264", inputs=("-f", "lavfi", "-i", RED_AND_BLUE))

    still(file, 1, tmp_path / "still.webp", aspect="9:16", x=x)

    shown = pixels(tmp_path / "still.webp")
    assert shown.shape[1] / shown.shape[0] == pytest.approx(9 / 16, abs=0.05)
    assert shown.mean((0, 1)).argmax() == channel


def test_it_takes_the_last_picture_for_a_time_past_the_end(folder: Path, tmp_path: Path) -> None:
    still(plain(folder), 3.2, tmp_path / "still.webp", aspect="1:1", width=90)

    assert pixels(tmp_path / "still.webp").shape == (90, 90, 3)


def test_a_stretch_that_cannot_be_decoded_moves_no_other_picture() -> None:
    first, second = (Picture(at, np.zeros((2, 2, 3), np.uint8)) for at in (0.0, 9.0))
    assert filled([None, first, None, second]) == [first, first, first, second]
    assert filled([None, None]) == []


def test_the_waveform_shows_sound_that_starts_late_where_it_is(
    folder: Path, tmp_path: Path
) -> None:
    late = tmp_path / "late.mkv"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=4")
    tone = ("-itsoffset", "3", "-f", "lavfi", "-i", "sine=duration=1")
    encoded(late, inputs=(*picture, *tone))

    waveform = make_previews(late, tmp_path / "out", probe(late)).waveform

    assert max(waveform[:580]) <= 1
    assert min(waveform[610:780]) > 50


def test_a_poster_is_never_taller_than_a_picture_file_may_be(known: Probe) -> None:
    tall = replace(known, width=200, height=16_400)
    assert poster_size(tall) == {"width": 50, "height": 4096}
    assert poster_size(known) == {"width": 320, "height": 180}
