"""The one address that a clip plays from whether its file is here yet or still at its provider."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from clipboard.clips.models import Clip
from clipboard.clips.preview import MOST_BYTES, NoPreview, download_of, piece_of
from clipboard.media.answers import FENCE
from clipboard.media.ranges import open_range
from clipboard.media.serve import serve_file
from clipboard.providers.piece import Piece

HEADERS = FENCE | {
    "Content-Type": "video/mp4",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}


def serve_clip(
    request: HttpRequest, clip: Clip, *, while_allowed: Callable[[], bool] | None = None
) -> HttpResponseBase:
    """Bytes of the clip's own file, else of its provider's: then short parts only, so that a
    player who stops reading holds nothing. 404 where neither is to be had."""
    if clip.file:
        return serve_file(request, clip.file.name, while_allowed=while_allowed)
    row = download_of(clip)
    if row is None or not row.url:
        raise Http404
    asked = open_range(request.headers.get("Range", "bytes=0-" if is_head(request) else ""))
    if asked is None:
        return HttpResponse(IN_PARTS, content_type="text/plain", status=400)
    start, most = asked
    try:
        piece = piece_of(row, start=start, most=1 if is_head(request) else min(most, MOST_BYTES))
    except NoPreview as refusal:
        return refused(refusal)
    return head_of(piece) if is_head(request) else part_of(piece)


def is_head(request: HttpRequest) -> bool:
    return request.method == "HEAD"


def head_of(piece: Piece) -> HttpResponse:
    return HttpResponse(headers=HEADERS | {"Content-Length": str(piece.total)})


def part_of(piece: Piece) -> HttpResponse:
    if not piece.content:
        nothing = {"Content-Range": f"bytes */{piece.total}"}
        return HttpResponse(status=416, headers=HEADERS | nothing)
    last = piece.start + len(piece.content) - 1
    told = {"Content-Range": f"bytes {piece.start}-{last}/{piece.total}"}
    return HttpResponse(piece.content, status=206, headers=HEADERS | told)


def refused(refusal: NoPreview) -> HttpResponse:
    response = HttpResponse(str(refusal), content_type="text/plain", status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "1" if refusal.is_busy else "30"
    return response


IN_PARTS = "Ask for this file in parts, with a Range header, as players do."
