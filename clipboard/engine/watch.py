"""Looks at stretches of a recording frame by frame: exact cuts, faces and movement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clipboard.engine.crop import Sample, Watched, moved
from clipboard.engine.faces import SIZE, FaceFinder
from clipboard.engine.findings import Span
from clipboard.engine.pictures import Picture, pictures
from clipboard.engine.shots import CutFinder

EVERY = 0.5  # seconds between two pictures that are searched for faces
SETTLED = 0.1  # seconds after a cut until the first of them


def watch(
    path: Path,
    span: Span,
    work_dir: Path,
    finder: FaceFinder | None,
    on_seconds: Callable[[float], None],
) -> Watched:
    cuts, samples = CutFinder(neighbours=True), list[Sample]()
    before: Picture | None = None
    due = span[0]
    for at, picture in pictures(path, span, SIZE, work_dir):
        cuts.see(at, picture)
        if cuts.cuts and cuts.cuts[-1] == at:
            due, before = at + SETTLED, None
        if at >= due and before is not None:
            samples.append(
                Sample(at, finder.find(picture) if finder else [], moved(before, picture))
            )
            due = at + EVERY
            on_seconds(at - span[0])
        before = picture
    return Watched(span, cuts.cuts, samples)


def joined(spans: list[Span]) -> list[Span]:
    """Overlapping spans become one, so that nothing is looked at twice."""
    wide: list[Span] = []
    for start, end in sorted(spans):
        if wide and start <= wide[-1][1]:
            wide[-1] = (wide[-1][0], max(end, wide[-1][1]))
        else:
            wide.append((start, end))
    return wide
