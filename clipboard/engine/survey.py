"""A recording as a whole, cheaply: its packets, its key frames, and faces in some of those."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clipboard.engine.faces import SIZE, FaceFinder
from clipboard.engine.findings import Span
from clipboard.engine.packets import Packets, scan
from clipboard.engine.pictures import pictures
from clipboard.engine.shots import CutFinder

FACE_EVERY = 8.0  # seconds at least between two key frames that are searched for faces
MOST_FACES = 300  # key frames searched in a long recording


@dataclass(frozen=True)
class Survey:
    """`cuts` by key frames; `faces` as (time, share of the height that the largest one takes)."""

    packets: Packets
    cuts: list[float]
    faces: list[tuple[float, float]]


def survey(path: Path, span: Span, work_dir: Path, face_model: Path | None) -> Survey:
    packets = scan(path, span)
    finder = FaceFinder(face_model) if face_model else None
    every = max(FACE_EVERY, (span[1] - span[0]) / MOST_FACES)
    cuts, faces = CutFinder(neighbours=False), list[tuple[float, float]]()
    for at, picture in pictures(path, span, SIZE, work_dir, keys_only=True):
        cuts.see(at, picture)
        if finder and (not faces or at - faces[-1][0] >= every):
            found = finder.find(picture)
            faces.append((at, max((face.height for face in found), default=0.0)))
    return Survey(packets, cuts.cuts, faces)
