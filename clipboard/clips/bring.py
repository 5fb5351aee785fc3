"""Bringing a clip's file from its provider to our own storage: whole, verified, pictured."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from clipboard import engine
from clipboard.clips.models import MAX_ATTEMPTS, Clip, Download, Lease
from clipboard.clips.refresh import DEAD, freshen
from clipboard.clips.spend import KEY_LOST
from clipboard.lib.seal import CannotOpen
from clipboard.media.files import put_in_place, scratch
from clipboard.providers.download import DiskFull, Downloaded, DownloadStopped, download
from clipboard.providers.errors import ProviderError

FETCH_SECONDS = 3600.0
NO_ROOM_SECONDS = 60.0
PATIENCE = timedelta(hours=6)  # with a provider or a network that fails; then it is given up
FOR_NONSENSE = timedelta(minutes=15)
LEAST_WAIT, LONGEST_WAIT = 60.0, 3600.0
MARGIN = timedelta(seconds=60)  # an address that is about to run out is not begun with
TOLERANCE = 0.02  # of the length that was told; a file cut short by the network is shorter
LEAST_TOLERANCE = 1.0  # seconds
LEAST_PART = 0.5
SHAPES = {"9:16": 9 / 16, "4:5": 4 / 5, "1:1": 1.0, "16:9": 16 / 9}


class Incomplete(Exception):
    """What came is not the whole clip; the text says why."""


def bring_clip(row: Download, *, lease: Lease) -> None:
    """Fetch a claimed clip's file and complete the clip. Raises Cancelled and MediaError."""
    lease.write(state=Download.State.FETCHING, error="")
    try:
        with scratch() as folder:
            file = fetched(row, folder / "clip.mp4", lease)
            keep(row, file, checked(row, file, lease), folder, lease)
    except (DownloadStopped, ObjectDoesNotExist):  # stopped, or removed with its clip meanwhile
        raise engine.Cancelled from None
    except DiskFull as error:
        put_off_for_room(row, str(error), lease)
    except Incomplete as trouble:
        try_later(row, str(trouble), lease)
    except engine.MediaError as error:
        if error.code == "no_room":
            return put_off_for_room(row, error.sentence, lease)
        # Storage that has a bad day sends a page of its own under a video's name.
        try_later(row, error.sentence, lease, patience=FOR_NONSENSE)
    except ProviderError as error:
        after_error(row, error, lease)
    except CannotOpen:
        try_later(row, KEY_LOST, lease)


def put_off_for_room(row: Download, words: str, lease: Lease) -> None:
    """A full disk says nothing of the file."""
    attempts = max(0, row.attempts - 1)
    put_off(row, words, lease, seconds=NO_ROOM_SECONDS, attempts=attempts)


def after_error(row: Download, error: ProviderError, lease: Lease) -> None:
    """Whatever was answered may be another answer a moment later; but some of it hardly is."""
    if error.kind in ("rate", "conflict"):  # it was not even tried
        wait = max(error.retry_after or 0, LEAST_WAIT, waited(row) / 10)
        put_off(row, error.message, lease, seconds=wait, attempts=max(0, row.attempts - 1))
    else:
        hardly = error.kind == "input" or error.code == "too_large"
        patience = FOR_NONSENSE if hardly else PATIENCE
        try_later(row, error.message, lease, seconds=error.retry_after or 0, patience=patience)


def fetched(row: Download, to: Path, lease: Lease) -> Downloaded:
    """The file; its address is refreshed once where it has run out, before or at the request."""
    if not row.url or (row.expires_at and row.expires_at - MARGIN <= timezone.now()):
        freshen(row)
        return fetch(row, to, lease)
    try:
        return fetch(row, to, lease)
    except ProviderError as error:
        if error.kind not in DEAD:
            raise
    freshen(row)
    return fetch(row, to, lease)


def fetch(row: Download, to: Path, lease: Lease) -> Downloaded:
    def on_progress(received: int, total: int | None) -> None:
        if total and received < total:  # that it is whole is written with the rest
            lease.write(progress=round(received / total, 3))

    return download(
        row.url,
        to,
        max_bytes=settings.IMPORT_MAX_GB * 10**9,
        deadline=FETCH_SECONDS,
        on_progress=on_progress,
        should_stop=lease.should_stop,
    )


def checked(row: Download, file: Downloaded, lease: Lease) -> engine.Probe:
    """What it is made of. Raises MediaError for what is no video, Incomplete for half of one."""
    told = row.clip.duration  # as the provider says, in seconds
    if engine.is_cut_short(file.path):
        raise Incomplete("The connection broke before the whole file had come.")
    probe = engine.probe(file.path, should_stop=lease.should_stop)
    is_short = told and probe.duration < told - max(LEAST_TOLERANCE, TOLERANCE * told)
    if told and is_short and not is_all_there_is(row, file, probe.duration / told):
        lease.write(sha256=file.sha256)
        raise Incomplete(
            f"Only {probe.duration:.0f} of {told:.0f} seconds came; it is fetched again."
        )
    return probe


def is_all_there_is(row: Download, file: Downloaded, part: float) -> bool:
    """Whether a file that is shorter than was told is taken all the same: the very same bytes have
    come before, and for long. What a network cuts off differs; a provider that cuts silence out may
    tell how long it was with it. What has not even half the length is something else."""
    is_tried = row.attempts >= MAX_ATTEMPTS and timezone.now() - row.patience_began > FOR_NONSENSE
    return is_tried and file.sha256 == row.sha256 and part >= LEAST_PART


def keep(row: Download, file: Downloaded, probe: engine.Probe, folder: Path, lease: Lease) -> None:
    clip = row.clip
    made = engine.make_previews(file.path, folder, probe, should_stop=lease.should_stop)
    pictures = {
        name: put_in_place(folder / getattr(made, name), f"{clip.folder}/{getattr(made, name)}")
        for name in ("poster", "filmstrip")
    }
    # Named after its content: two workers on one clip may have been given different bytes.
    name = put_in_place(file.path, f"{clip.folder}/from-provider-{file.sha256[:12]}.mp4")
    with transaction.atomic():
        ours = lease.finish(
            state=Download.State.READY,
            progress=1,
            sha256=file.sha256,
            size=file.size,
            attempts=0,
            error="",
        )
        if not ours:
            raise engine.Cancelled
        Clip.objects.filter(pk=clip.pk).update(
            status=Clip.Status.COMPLETED,
            error="",
            file=name,
            strip=asdict(made.strip),
            duration=probe.duration,
            aspect=shape(probe, otherwise=clip.aspect),
            **pictures,
        )


def shape(probe: engine.Probe, *, otherwise: str) -> str:
    """The nearest of the shapes that the grid knows, whatever was ordered."""
    if not probe.width or not probe.height:
        return otherwise
    upright = probe.rotation in (90, 270, -90)
    ratio = probe.height / probe.width if upright else probe.width / probe.height
    return min(SHAPES, key=lambda name: abs(SHAPES[name] - ratio))


def try_later(
    row: Download,
    words: str,
    lease: Lease,
    *,
    seconds: float = 0,
    patience: timedelta = PATIENCE,
) -> None:
    """Again and again for as long as there is patience, and at least MAX_ATTEMPTS times. While
    everything stood still it was not tried, so that patience begins anew."""
    now, attempts = timezone.now(), row.attempts
    if row.stood_still(now=now):
        attempts = 1
        lease.write(tried_since=now)
    if attempts >= MAX_ATTEMPTS and now - row.patience_began > patience:
        row.fail(words, lease=lease)
    else:
        wait = max(seconds, 5 * 3 ** (attempts - 1), waited(row) / 2)
        # One that is tried for long is not one that kills its worker again and again.
        put_off(row, words, lease, seconds=wait, attempts=min(attempts, MAX_ATTEMPTS - 1))


def waited(row: Download) -> float:
    """Seconds for which it is tried, as far as they make the next wait longer."""
    return min(2 * LONGEST_WAIT, (timezone.now() - row.patience_began).total_seconds())


def put_off(row: Download, words: str, lease: Lease, *, seconds: float, attempts: int) -> None:
    lease.finish(
        state=Download.State.WAITING,
        error=words[:400],
        attempts=attempts,
        next_action_at=timezone.now() + timedelta(seconds=seconds),
    )
