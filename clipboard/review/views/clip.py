"""One clip: its page, which is also the grid's side panel, and what a player asks for."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from clipboard.clips.forms import Sheet
from clipboard.clips.models import Clip, Download, Rendition, note
from clipboard.clips.preview import download_of
from clipboard.clips.tasks import look_later
from clipboard.media.serve import serve_file
from clipboard.review.forms import RenditionForm
from clipboard.review.grid import cards_of
from clipboard.review.pictures import parts, place, wave_path
from clipboard.review.playback import captions, nothing_to_play, playback
from clipboard.review.preview import serve_clip
from clipboard.review.transcripts import lines
from clipboard.teams.access import editors_only

NEIGHBOURS = 60
BEST_FIRST = F("score").desc(nulls_last=True)  # PostgreSQL takes no score for the best


@require_safe
@vary_on_headers("HX-Request")
def clip_detail(request: Any, pk: int) -> HttpResponse:
    clip = clip_of(request, pk)
    in_panel = bool(request.htmx)
    template = "review/_clip.html" if in_panel else "review/clip_detail.html"
    return render(request, template, clip_context(request, clip) | {"in_panel": in_panel})


@require_safe
def clip_state(request: Any, pk: int) -> HttpResponse:
    clip = clip_of(request, pk)
    return shown_state(request, clip)


@require_POST
@editors_only
def clip_fetch(request: Any, pk: int) -> HttpResponse:
    """Have its file fetched from its provider now, though that was given up or put off."""
    clip = clip_of(request, pk)
    if Download.objects.filter(clip=clip).fetch_again():
        note(clip.job, "download", f"“{clip.shown_title}” is fetched again.", by=request.user)
        look_later()
    if not request.htmx:
        return redirect("clip_detail", pk)
    return shown_state(request, clip_of(request, pk))


@require_safe
@never_cache
def clip_media(request: Any, pk: int) -> HttpResponse:
    """A fresh signed address for the player, whose old one ran out."""
    clip = clip_of(request, pk)
    found = playback(clip, kind=request.GET.get("kind", ""))
    if found is None:
        return JsonResponse({"error": nothing_to_play(clip)}, status=404)
    crop = clip.crop if found.kind == "source" else []
    return JsonResponse(found._asdict() | {"crop": crop})


@require_safe
def clip_preview(request: Any, pk: int) -> HttpResponseBase:
    """The clip's bytes at an address that stays, wherever its file is by now."""
    return serve_clip(request, clip_of(request, pk))


@require_safe
def clip_captions(request: Any, pk: int) -> HttpResponse:
    """The clip's words as WebVTT: in clip time, or in the recording's with `?times=source`."""
    clip = clip_of(request, pk)
    return captions(clip, in_source_time=request.GET.get("times") == "source")


@require_safe
def clip_download(request: Any, pk: int) -> HttpResponseBase:
    clip = clip_of(request, pk)
    if not clip.file:
        raise Http404
    return serve_file(request, clip.file.name, download_as=file_name(clip, clip.aspect))


def clip_of(request: Any, pk: int) -> Clip:
    """The team's clip with its recording, or 404. A whole recording's words stay behind."""
    clips = Clip.objects.of(request.team).select_related("source", "job")
    return get_object_or_404(clips.defer("source__transcript"), pk=pk)


def file_name(clip: Clip, aspect: str, height: int | None = None) -> str:
    size = f"-{height}p" if height else ""
    return f"clip-{clip.pk}-{aspect.replace(':', 'x')}{size}.mp4"


def clip_context(request: Any, clip: Clip) -> dict[str, Any]:
    return (
        state_context(clip)
        | rendition_context(clip)
        | {
            "playback": playback(clip),
            "parts": parts(clip.evidence, score=clip.score),
            "lines": lines(clip.words, start=clip.start or 0.0),
            "wave": wave_path(clip.source.waveform),
            "here": place(clip, clip.source.duration),
            "neighbours": neighbours(clip),
            "card": cards_of([clip.pk], team=request.team.pk, user=request.user.pk)[0],
            "order": Sheet(clip.source, clip=clip),
            "links": clip.share_links.live(at=timezone.now()).order_by("-created_at"),
        }
    )


def shown_state(request: Any, clip: Clip) -> HttpResponse:
    return render(request, "review/_clip_state.html", state_context(clip))


def state_context(clip: Clip) -> dict[str, Any]:
    waiting = clip.status in (Clip.Status.DETECTED, Clip.Status.GENERATING)
    previews = clip.renditions.filter(is_preview=True, state__in=Rendition.OPEN_STATES)
    row = None if clip.file else download_of(clip)
    comes = row is not None and row.is_open
    moves = waiting and (clip.job.is_open or comes or previews.exists())
    return {
        "clip": clip,
        "moves": moves,
        "plays_there": row is not None and row.may_play,
        "download": row,
        "now": timezone.now(),
    }


def rendition_context(clip: Clip, form: RenditionForm | None = None) -> dict[str, Any]:
    renditions = list(clip.renditions.filter(is_preview=False).order_by("pk"))
    return {
        "clip": clip,
        "renditions": renditions,
        "rendition_form": form or RenditionForm(clip=clip),
        "renders": any(row.state in Rendition.OPEN_STATES for row in renditions),
    }


def neighbours(clip: Clip) -> list[Any]:
    """The best other clips of the same recording, in its order."""
    rows = Clip.objects.filter(source=clip.source_id).exclude(pk=clip.pk)
    best = rows.only("start", "end", "score", "title").order_by(BEST_FIRST, "-pk")[:NEIGHBOURS]
    places = [place(row, clip.source.duration) for row in best]
    return sorted((found for found in places if found), key=lambda found: found.x)
