"""What people without an account see: one clip, looked up by its link's token only.

Every address is checked again on every request, so that a revoked link stops at once. Unknown,
expired and revoked links are told apart nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clipboard.media.serve import serve_file
from clipboard.review.playback import captions, plays_there
from clipboard.review.preview import serve_clip
from clipboard.sharing.models import ShareLink
from clipboard.teams.links import base_url

VISIT = "visit"
VISIT_SECONDS = 30 * 60


def for_guests(view: Callable[..., HttpResponseBase]) -> Any:
    """The view gets its live link instead of a token; without one, everybody sees the same page."""

    @wraps(view)
    def with_link(request: HttpRequest, token: str) -> HttpResponseBase:
        links = ShareLink.objects.live(at=timezone.now()).select_related(
            "clip__source", "clip__job"
        )
        known = links.filter(token=token.replace("\0", ""))  # PostgreSQL refuses to look for a NUL
        link = known.defer("clip__source__transcript").first()
        try:
            response = view(request, link) if link else gone(request)
        except Http404:  # its file is not where it was
            response = gone(request)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "private, no-store"
        return response

    return login_not_required(require_safe(with_link))


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "sharing/gone.html", status=404)


@for_guests
def share_page(request: HttpRequest, link: ShareLink) -> HttpResponse:
    clip = link.clip
    plays = bool(clip.file) or plays_there(clip)
    context = {"link": link, "clip": clip, "plays": plays, "base": base_url(request)}
    response = render(request, "sharing/share_page.html", context)
    if is_new_visit(request):
        link.count_visit(at=timezone.now())
        response.set_cookie(
            VISIT,
            "1",
            max_age=VISIT_SECONDS,
            path=request.path,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


@for_guests
def share_media(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """The clip's own file, here or at its provider. Never its recording, of which a guest may see
    nothing more."""
    clip = link.clip
    if "download" in request.GET:
        return share_copy(request, link)
    if not clip.file and not plays_there(clip):
        return gone(request)
    return serve_clip(request, clip, while_allowed=partial(still_live, link))


def share_copy(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    clip = link.clip
    if not (clip.file and link.can_download):
        return gone(request)
    name = f"clip-{clip.pk}.mp4"
    live = partial(still_live, link)
    return serve_file(request, clip.file.name, download_as=name, while_allowed=live)


@for_guests
def share_poster(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    return serve_file(request, link.clip.poster.name) if link.clip.poster else gone(request)


@for_guests
def share_captions(request: HttpRequest, link: ShareLink) -> HttpResponse:
    return captions(link.clip)


def still_live(link: ShareLink) -> bool:
    return ShareLink.objects.live(at=timezone.now()).filter(pk=link.pk).exists()


def is_new_visit(request: HttpRequest) -> bool:
    """A person who opens the page; not a reload within the half hour, a browser's guess, nor the
    page itself that asks whether its clip is made."""
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return False
    return VISIT not in request.COOKIES
