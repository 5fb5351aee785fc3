"""A team's links: made on a clip's page, all listed and revoked on one page."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips.models import Clip, Rendition
from clipboard.clips.tasks import look_later
from clipboard.review.views.clip import clip_context, clip_of
from clipboard.sharing.forms import ShareLinkForm
from clipboard.sharing.models import ShareLink
from clipboard.teams.access import editors_only

PAGE = 50
STATES = ("live", "expired", "revoked")


@require_safe
def share_link_list(request: Any) -> HttpResponse:
    state = request.GET.get("state", "")
    links = ShareLink.objects.of(request.team).in_state(state, at=timezone.now()).listed()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        links = links.filter(pk__lt=int(before))
    rows = list(links.order_by("-pk")[: PAGE + 1])
    context = {
        "links": rows[:PAGE],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state if state in STATES else "",
        "on_page": True,
    }
    return render(request, "sharing/share_link_list.html", context)


@require_POST
@editors_only
def share_link_create(request: Any, pk: int) -> HttpResponse:
    clip = clip_of(request, pk)
    form = ShareLinkForm(request.POST)
    if form.is_valid():
        ShareLink.objects.create(
            team=request.team,
            clip=clip,
            created_by=request.user,
            expires_at=form.expires_at(),
            can_download=form.cleaned_data["can_download"],
        )
        have_something_to_show(clip)
        if not request.htmx:
            return redirect("clip_detail", pk)
    status = 200 if form.is_valid() else 422
    if not request.htmx:
        page = clip_context(request, clip) | {"in_panel": False, "share_form": form}
        return render(request, "review/clip_detail.html", page, status=status)
    live = clip.share_links.live(at=timezone.now()).listed()
    part = {"clip": clip, "links": live, "share_form": form}
    return render(request, "sharing/_share.html", part, status=status)


@require_POST
@editors_only
def share_link_revoke(request: Any, pk: int) -> HttpResponse:
    link = get_object_or_404(ShareLink.objects.of(request.team).listed(), pk=pk)
    link.revoke(by=request.user, at=timezone.now())
    if not request.htmx:
        return redirect("share_link_list")
    on_page = request.GET.get("on") == "page"
    response = render(request, "sharing/_share_link.html", {"link": link, "on_page": on_page})
    said = {"clipboard:toast": {"text": "Revoked. Whoever opens the link now finds nothing."}}
    response["HX-Trigger"] = json.dumps(said)
    return response


def have_something_to_show(clip: Clip) -> None:
    """Guests see the clip's own file only; order it where it is not made."""
    if clip.file or clip.start is None or not clip.source.file:
        return
    Rendition.objects.order_preview(clip)
    look_later()
