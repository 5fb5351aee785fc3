"""From a recording to candidates a human editor would consider: the child's side of find.py."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clipboard.engine.candidates import Timeline, windows
from clipboard.engine.choose import choose
from clipboard.engine.crop import Watched, crop_of
from clipboard.engine.describe import hashtags, reason, title
from clipboard.engine.errors import MediaError
from clipboard.engine.faces import FaceFinder
from clipboard.engine.findings import Candidate, Findings, Options, Span
from clipboard.engine.installed import Abilities, abilities, face_model, speech_model
from clipboard.engine.measures import Measures
from clipboard.engine.probing import Probe, describe
from clipboard.engine.report import Report
from clipboard.engine.score import Scored, scored
from clipboard.engine.sentences import sentences
from clipboard.engine.sound import Sound, read_sound
from clipboard.engine.speech import Heard, transcribe
from clipboard.engine.survey import Survey, survey
from clipboard.engine.voice import speech_spans
from clipboard.engine.watch import joined, watch

# Where each stage ends, as a fraction of the whole job.
PROBED, SOUND, VOICE, SPEECH, PICTURES, CANDIDATES = 0.01, 0.06, 0.12, 0.6, 0.68, 0.7


def find_clips_here(report: Report, path: Path, options: Options, work_dir: Path) -> Findings:
    report.progress("probe", 0.0)
    probe = describe(path)
    span = chosen_span(probe, options)
    report.progress("sound", PROBED)
    able = abilities(options.model_dir, options.use)
    with ThreadPoolExecutor(1) as aside:
        looked = aside.submit(survey, path, span, work_dir, face_model() if able.faces else None)
        sound = hear(report, path, probe, span, work_dir)
        speech = speech_spans(sound, music_aware=able.music)
        heard = listen(report, sound, speech, able, options)
        report.progress("pictures", SPEECH)
        seen = looked.result()
    report.progress("candidates", PICTURES)
    timeline = timeline_of(span, heard, speech, seen, sound)
    notes = notes_on(probe, sound, speech, able, options, span)
    findings = judged(timeline, seen, heard, able, options, notes)
    report.progress("crop", CANDIDATES)
    report.partial(findings)
    return with_crops(report, path, findings, work_dir, able)


def chosen_span(probe: Probe, options: Options) -> Span:
    start = max(0.0, options.start or 0.0)
    end = min(probe.duration, options.end or probe.duration)
    if end - start < min(1.0, options.min_duration):
        raise MediaError("empty_range", EMPTY_RANGE)
    return start, end


def hear(report: Report, path: Path, probe: Probe, span: Span, work_dir: Path) -> Sound:
    if not probe.has_audio:
        return Sound(span[0], np.empty(0, np.int16), np.empty(0, np.float32))
    length = span[1] - span[0]
    return read_sound(
        path,
        span,
        work_dir,
        lambda seconds: report.progress("sound", PROBED + (SOUND - PROBED) * seconds / length),
    )


def listen(
    report: Report, sound: Sound, speech: list[Span], able: Abilities, options: Options
) -> Heard:
    model = speech_model(options.model_dir) if able.speech else None
    report.progress("speech", VOICE)
    if not model:
        return Heard([], None)
    return transcribe(
        sound,
        speech,
        model,
        lambda fraction: report.progress("speech", VOICE + (SPEECH - VOICE) * fraction),
    )


def timeline_of(
    span: Span, heard: Heard, speech: list[Span], seen: Survey, sound: Sound
) -> Timeline:
    return Timeline(span, heard.words, sentences(heard.words, span[1]), speech, seen.cuts, sound)


def notes_on(
    probe: Probe, sound: Sound, speech: list[Span], able: Abilities, options: Options, span: Span
) -> list[str]:
    notes = [TOO_SHORT] if span[1] - span[0] < options.min_duration else []
    silent = not len(sound.loudness) or float(sound.loudness.max()) < -60
    if silent:
        notes.append(SILENT if probe.has_audio else NO_SOUND)
        return [*notes, *(note for note in able.notes if "face" in note)]
    return [*notes, *able.notes, *([] if speech else [NO_SPEECH])]


def judged(
    timeline: Timeline,
    seen: Survey,
    heard: Heard,
    able: Abilities,
    options: Options,
    notes: list[str],
) -> Findings:
    english = heard.language == "en"
    measures = Measures(
        timeline, english, seen.packets.ranks(), seen.faces, mood_judge(able) if english else None
    )
    # Without what explains them: of a long talk's windows that would fill gigabytes.
    found = [
        replace(scored(timeline, measures, window), parts=[])
        for window in windows(timeline, options)
    ]
    clips: list[Candidate] = []
    for best in choose(found, options, has_words=bool(heard.words)):
        one = scored(timeline, measures, best.window)
        taken = {clip.title for clip in clips if clip.title}
        said = title(one.window.sentences, english=english, taken=taken)
        clips.append(candidate(one, timeline, seen, said, english=english))
    return Findings(
        clips=clips,
        considered=len(found),
        best_score=max((one.score for one in found), default=None),
        threshold=options.threshold,
        heard_speech=bool(timeline.speech),
        notes=notes,
        language=heard.language,
        words=heard.words,
    )


def mood_judge(able: Abilities) -> Callable[[str], float] | None:
    if not able.sentiment:
        return None
    from vader import SentimentIntensityAnalyzer

    judge: Any = SentimentIntensityAnalyzer()
    return lambda text: float(judge.polarity_scores(text)["compound"])


def candidate(
    one: Scored, timeline: Timeline, seen: Survey, name: str | None, *, english: bool
) -> Candidate:
    window, said = one.window, one.window.sentences
    words = [word for word in timeline.words if window.start <= word[0] < window.end]
    return Candidate(
        start=round(window.start, 3),
        end=round(window.end, 3),
        score=one.score,
        title=name,
        reason=reason(one.parts),
        transcript=" ".join(word[2] for word in words),
        words=words,
        hashtags=hashtags(said, english=english),
        evidence=one.parts,
        crop=[],
        shots=[round(at - window.start, 3) for at in seen.cuts if window.start < at < window.end],
        poster_at=round(poster_of((window.start, window.end), seen.faces), 3),
    )


def poster_of(clip: Span, faces: list[tuple[float, float]]) -> float:
    """Where a face is largest, else a third into the clip."""
    inside = [(size, at) for at, size in faces if clip[0] <= at < clip[1] - 0.5 and size > 0]
    return max(inside)[1] if inside else clip[0] + (clip[1] - clip[0]) / 3


def with_crops(
    report: Report, path: Path, findings: Findings, work_dir: Path, able: Abilities
) -> Findings:
    spans = joined([(clip.start, clip.end) for clip in findings.clips])
    total = sum(end - start for start, end in spans)
    model = face_model() if able.faces else None
    finder = FaceFinder(model) if model and spans else None
    watched, done = list[Watched](), 0.0
    for span in spans:

        def tell(seconds: float, done: float = done) -> None:
            report.progress("crop", CANDIDATES + (1 - CANDIDATES) * (done + seconds) / total)

        watched.append(watch(path, span, work_dir, finder, tell))
        done += span[1] - span[0]
    return replace(findings, clips=[with_crop(clip, watched) for clip in findings.clips])


def with_crop(clip: Candidate, watched: list[Watched]) -> Candidate:
    span = (clip.start, clip.end)
    seen = next(one for one in watched if one.span[0] <= span[0] and span[1] <= one.span[1])
    inside = [one for one in seen.samples if span[0] <= one.at < span[1]]
    faces = [(one.at, max((face.height for face in one.faces), default=0.0)) for one in inside]
    return replace(
        clip,
        crop=crop_of(span, seen),
        shots=[round(at - span[0], 3) for at in seen.cuts if span[0] < at < span[1]],
        poster_at=round(poster_of(span, faces), 3),
    )


EMPTY_RANGE = "The chosen range holds nothing of the recording; choose another start and end."
TOO_SHORT = (
    "What was to be searched is shorter than the shortest clip allowed; allow shorter clips or a "
    "longer range."
)
NO_SOUND = "This recording has no sound, so clips were chosen by picture alone."
SILENT = "This recording is silent, so clips were chosen by picture alone."
NO_SPEECH = "No speech was heard, so clips were chosen by sound and picture alone."
