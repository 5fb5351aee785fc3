"""The boxes that MP4 and QuickTime files are made of, as far as is needed to count them."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"}
MOST = 100_000  # boxes; each is a read


def is_cut_short(path: Path) -> bool:
    """Whether an MP4 promises more bytes than the file has. False for any other kind of file.

    A header that stands in front tells the whole length, so a player takes half such a file for a
    whole one. Format: ISO/IEC 14496-12, 4.2.
    """
    whole = path.stat().st_size
    with path.open("rb") as file:
        if file.read(8)[4:] not in FIRST:
            return False
        at = 0
        for _ in range(MOST):
            file.seek(at)
            size = size_of_box(file, whole - at)
            at += size
            if at >= whole or size < 8:
                return at > whole
    return False


def size_of_box(file: BinaryIO, left: int) -> int:
    """Of the box that begins here; 0 for what is none. A size of 0 means: to the file's end."""
    head = file.read(16)
    if len(head) < 8:
        return left + 1  # cut within a header
    size = int.from_bytes(head[:4], "big")
    if size == 1:
        return int.from_bytes(head[8:], "big") if len(head) == 16 else left + 1
    return left if size == 0 else size
