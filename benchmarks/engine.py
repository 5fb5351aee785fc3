"""What the engine costs and how right it is, beside plain ffmpeg on the same seconds.

    python -m benchmarks.engine [--file PATH] [--clips N] [--faces-throughout]

Costs are user and system seconds of the processor, so that other load on the machine matters
little; each floor is measured before and after what stands beside it and averaged.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import crops, footage, known_text
from clipboard.engine import analyse as engine
from clipboard.engine import ffmpeg, pictures, voice
from clipboard.engine.faces import SIZE, FaceFinder
from clipboard.engine.find import find_clips
from clipboard.engine.findings import Candidate, Findings, Options, Span
from clipboard.engine.installed import abilities, face_model
from clipboard.engine.probing import Probe, describe
from clipboard.engine.rendering import FILE, Facts, RenderSpec, frame_of, opened, render
from clipboard.engine.report import Report
from clipboard.engine.stills import ASPECTS
from clipboard.engine.survey import survey
from clipboard.engine.watch import joined

SAMPLE = Path(__file__).parents[1] / "clipboard/clips/sample/two-cities.mp4"
HEIGHT = 960
T = TypeVar("T")
missed: list[str] = []  # the aims that were not met


@dataclass
class Costs:
    """CPU seconds by stage, in the order in which they were measured."""

    spent: dict[str, float] = field(default_factory=dict)

    def of(self, stage: str, work: Callable[[], T]) -> T:
        before = cpu()
        answer = work()
        self.spent[stage] = self.spent.get(stage, 0.0) + cpu() - before
        return answer


def cpu() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks.engine")
    arguments.add_argument("--file", type=Path, default=SAMPLE)
    arguments.add_argument("--clips", type=int, default=2, help="how many to render")
    arguments.add_argument(
        "--faces-throughout",
        action="store_true",
        help="the file shows a face all along: hold the engine to finding it",
    )
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(given.file, given.clips, Path(folder), held_to_faces=given.faces_throughout)
    return 1 if missed else 0


def measure(path: Path, count: int, folder: Path, *, held_to_faces: bool) -> None:
    probe = describe(path)
    span = (0.0, probe.duration)
    title(f"{path.name}: {probe.duration:.1f} s, {probe.width} × {probe.height}, {probe.fps} fps")
    decode = [floor_decode(path)]
    costs = Costs()
    findings = analyse(costs, path, probe, span, folder)
    decode.append(floor_decode(path))
    analysis_table(costs, sum(decode) / 2, probe.duration)
    cropped = crop_table(path, findings, folder)
    render_table(path, probe, cropped[:count], findings, folder)
    face_table(path, span, folder, held=held_to_faces)
    quality_table(path, cropped, findings, folder)


def analyse(costs: Costs, path: Path, probe: Probe, span: Span, folder: Path) -> Findings:
    options = Options()
    here = abilities()
    report = Report(open(os.devnull, "wb"))  # noqa: SIM115 (lives as long as the program)
    model = face_model() if here.faces else None
    heard_sound = costs.of(
        "sound to samples", lambda: engine.hear(report, path, probe, span, folder)
    )
    spans = costs.of(
        "where somebody speaks", lambda: voice.speech_spans(heard_sound, music_aware=here.music)
    )
    heard = costs.of("words", lambda: engine.listen(report, heard_sound, spans, here, options))
    seen = costs.of("key frames, motion, some faces", lambda: survey(path, span, folder, model))

    def judge() -> Findings:
        timeline = engine.timeline_of(span, heard, spans, seen, heard_sound)
        return engine.judged(timeline, seen, heard, here, options, [])

    return costs.of("candidates and scores", judge)


def floor_decode(path: Path) -> float:
    streams = ["-map", ffmpeg.PICTURE, "-map", ffmpeg.SOUND, "-f", "null", "-"]
    before = cpu()
    ffmpeg.run([*ffmpeg.opened(path), *streams])
    return cpu() - before


def analysis_table(costs: Costs, decode: float, duration: float) -> None:
    head("analysis", "CPU s", "per min", "x decode")
    minutes = duration / 60
    for stage, spent in [("plain decode by ffmpeg", decode), *costs.spent.items()]:
        row(stage, spent, spent / minutes, spent / decode)
    whole = sum(costs.spent.values())
    row(
        "all of the analysis",
        whole,
        whole / minutes,
        whole / decode,
        "<= 1.10",
        whole <= 1.1 * decode,
    )


def crop_table(path: Path, findings: Findings, folder: Path) -> list[Candidate]:
    report = Report(open(os.devnull, "wb"))  # noqa: SIM115
    costs = Costs()
    cropped = costs.of(
        "crop", lambda: engine.with_crops(report, path, findings, folder, abilities())
    )
    covered = joined([(clip.start, clip.end) for clip in cropped.clips])
    minutes = sum(end - start for start, end in covered) / 60
    head("inside the clips", "CPU s", "per min", "")
    row(
        f"exact cuts and faces, {len(cropped.clips)} clips",
        costs.spent["crop"],
        costs.spent["crop"] / max(minutes, 1e-9),
    )
    return cropped.clips


def render_table(
    path: Path, probe: Probe, clips: list[Candidate], findings: Findings, folder: Path
) -> None:
    head("render, 9:16, captions, poster, strip", "CPU s", "per min", "x floor")
    facts = Facts(probe.width, probe.height, probe.fps, probe.has_audio)
    ours = floor = seconds = 0.0
    for number, clip in enumerate(clips):
        before = floor_render(path, facts, clip, folder)
        start = cpu()
        render(path, folder / str(number), replace(spec_of(clip, findings), facts=facts))
        ours += cpu() - start
        floor += (before + floor_render(path, facts, clip, folder)) / 2
        seconds += clip.end - clip.start
    if seconds:
        row("decode, centre crop, x264, aac", floor, 60 * floor / seconds, 1.0)
        row("the engine", ours, 60 * ours / seconds, ours / floor, "<= 1.15", ours <= 1.15 * floor)


def spec_of(clip: Candidate, findings: Findings) -> RenderSpec:
    return RenderSpec(
        clip.start, clip.end, "9:16", HEIGHT, clip.crop, findings.words, burn_captions=True
    )


def floor_render(path: Path, facts: Facts, clip: Candidate, folder: Path) -> float:
    """The same seconds, size and encoder with a crop that stands still and nothing drawn."""
    frame = frame_of(facts, "9:16", HEIGHT)
    chain = (
        f"crop=iw*{frame.wide:.6f}:ih*{frame.high:.6f},scale={frame.width}:{frame.height},"
        "setsar=1,format=yuv420p"
    )
    wanted = ["-vf", chain, "-map", ffmpeg.PICTURE, "-map", ffmpeg.SOUND]
    before = cpu()
    ffmpeg.run(
        [
            *opened(path, RenderSpec(clip.start, clip.end, "9:16", HEIGHT)),
            *wanted,
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", "2"),
            *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart"),
            str(folder / "floor.mp4"),
        ]
    )
    return cpu() - before


def face_table(path: Path, span: Span, folder: Path, *, held: bool) -> None:
    head("how right", "found", "of", "share")
    model = face_model()
    if not model:
        return
    finder, looked = FaceFinder(model), list[bool]()
    for at, picture in pictures.pictures(path, span, SIZE, folder):
        if at >= len(looked) * 0.5:
            looked.append(bool(finder.find(picture)))
    share = sum(looked) / len(looked)
    target = (">= 0.95", share >= 0.95) if held else ()
    row("pictures with a face", sum(looked), len(looked), share, *target)


def quality_table(path: Path, clips: list[Candidate], findings: Findings, folder: Path) -> None:
    if findings.words:
        error = known_text.word_error(
            known_text.TWO_CITIES, " ".join(word[2] for word in findings.words)
        )
        row(
            "word error, opening of A Tale of Two Cities",
            100 * error,
            100,
            error,
            "<= 0.04",
            error <= 0.04,
        )
    for name, seen in (
        ("wrong crops around cuts, this file", crops_in(path, clips, findings, folder)),
        ("wrong crops around cuts, made-up file", crops_in_footage(folder)),
    ):
        target = ("= 0", seen.wrong == 0) if seen.cuts else ()  # no crop changes, nothing to hold
        row(f"{name} ({seen.cuts} cuts)", seen.wrong, seen.frames, None, *target)


def crops_in(path: Path, clips: list[Candidate], findings: Findings, folder: Path) -> crops.Seen:
    total = crops.Seen(0, 0, 0)
    for number, clip in enumerate(clips):
        place = folder / "crops" / str(number)
        plain = replace(spec_of(clip, findings), burn_captions=False, height=2 * crops.SIZE[1])
        render(path, place, plain)
        seen = crops.look(path, clip, place / FILE, ASPECTS["9:16"], folder)
        total = crops.Seen(
            total.cuts + seen.cuts, total.frames + seen.frames, total.wrong + seen.wrong
        )
    return total


def crops_in_footage(folder: Path) -> crops.Seen:
    path = folder / "cuts.mp4"
    footage.cut_footage(path)
    options = Options(min_duration=15, max_duration=60, threshold=0, count=1)
    findings = find_clips(path, options, work_dir=folder)
    return crops_in(path, findings.clips, findings, folder)


def title(text: str) -> None:
    load = os.getloadavg()[0]
    print(f"\n{text}\n{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {load:.1f}")


def head(*names: str) -> None:
    print(f"\n{names[0]:44}" + "".join(f"{name:>10}" for name in names[1:]))
    print("-" * 86)


def row(name: str, *values: Any) -> None:
    cells = []
    for value in values:
        if isinstance(value, bool):
            cells.append(f"{'met' if value else 'MISSED':>8}")
            missed.extend([] if value else [name])
        elif isinstance(value, str):
            cells.append(f"{value:>10}")
        else:
            cells.append(" " * 10 if value is None else f"{value:10.2f}")
    print(f"{name:44}" + "".join(cells))


if __name__ == "__main__":
    sys.exit(main())
