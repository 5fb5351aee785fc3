"""Playing a clip from its provider while its file is not here: piece by piece, through us, so that
no address of the provider, which may hold a token, reaches a page."""

from __future__ import annotations

from datetime import timedelta
from threading import BoundedSemaphore

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from clipboard.clips.models import Clip, Download
from clipboard.clips.refresh import DEAD, freshen
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.piece import Piece, fetch_piece

MOST_BYTES = 1024 * 1024  # in memory for each that is under way
AT_ONCE = 12  # of the web's threads: the others stay for everybody else
PIECE_SECONDS = 10.0
SOON = timedelta(seconds=5)
places = BoundedSemaphore(AT_ONCE)


class NoPreview(Exception):
    """It can't be played from its provider now; the text is one sentence for a person.

    `is_busy`: only because too many are being watched like this.
    """

    def __init__(self, sentence: str, *, is_busy: bool = False) -> None:
        super().__init__(sentence)
        self.is_busy = is_busy


def download_of(clip: Clip) -> Download | None:
    return Download.objects.filter(clip=clip).select_related("clip__job__account").first()


def piece_of(row: Download, *, start: int, most: int) -> Piece:
    """Some bytes of the provider's file; its address is refreshed once where it has run out.

    Raises NoPreview, at once where too many others are being fetched.
    """
    if not places.acquire(blocking=False):
        raise NoPreview(BUSY, is_busy=True)
    try:
        return fetched(row, start=start, most=min(most, MOST_BYTES))
    except (ProviderError, CannotOpen, ObjectDoesNotExist):  # or removed meanwhile
        raise NoPreview(GONE.format(row.clip.job.get_provider_display_name())) from None
    finally:
        places.release()


def fetched(row: Download, *, start: int, most: int) -> Piece:
    runs_out = row.expires_at is not None and row.expires_at <= timezone.now() + SOON
    if runs_out and not row.was_refreshed:
        freshen(row)
        return fetch_piece(row.url, start=start, most=most, deadline=PIECE_SECONDS)
    try:
        return fetch_piece(row.url, start=start, most=most, deadline=PIECE_SECONDS)
    except ProviderError as error:
        if error.kind not in DEAD:
            raise
    freshen(row)
    return fetch_piece(row.url, start=start, most=most, deadline=PIECE_SECONDS)


BUSY = "Too many clips are being watched at their providers; try again in a moment."
GONE = "{} does not give this clip's file at the moment."
