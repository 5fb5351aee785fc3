from __future__ import annotations

import struct

import pytest

from clipboard.engine import is_cut_short
from tests import recordings


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("boxes") / "a.mp4", seconds=1).read_bytes()


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.999])
def test_a_cut_video_is_told_from_a_whole_one(tmp_path, video, part):
    file = tmp_path / "a.mp4"
    file.write_bytes(video)
    assert not is_cut_short(file)
    file.write_bytes(video[: int(len(video) * part)])
    assert is_cut_short(file)


@pytest.mark.parametrize(
    ("content", "is_cut"),
    [
        (b"", False),
        (b"<html>", False),
        (b"\x1aE\xdf\xa3" + bytes(100), False),  # Matroska
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 0, b"mdat") + b"any", False),
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 19) + b"any", False),
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 20) + b"any", True),
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 1, b"mdat"), True),
        (struct.pack(">I4s", 8, b"ftyp") + b"ab", True),
        (struct.pack(">I4s", 8, b"ftyp") + bytes(8), False),
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 4, b"free") + bytes(99), False),
        (struct.pack(">I4s", 8, b"ftyp") * 200_000, False),
    ],
)
def test_odd_boxes_are_survived(tmp_path, content, is_cut):
    file = tmp_path / "a.mp4"
    file.write_bytes(content)
    assert is_cut_short(file) == is_cut
