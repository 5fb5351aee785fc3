"""One person's favourites."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clipboard.clips.marks import pass_on
from clipboard.clips.models import Clip
from clipboard.clips.tasks import ask_later
from clipboard.lib.wording import count
from clipboard.review.census import CAP
from clipboard.review.grid import cards_of
from clipboard.review.models import Favourite
from clipboard.teams.links import came_from

NEEDED = ("title", "provider", "remote_id", "job__remote_id", "job__account")


@require_POST
def favourite(request: Any, pk: int) -> HttpResponse:
    """`on=1` makes the clip one of this person's favourites, `on=0` takes it back."""
    clips = Clip.objects.of(request.team).select_related("job__account")
    clip = get_object_or_404(clips.only(*NEEDED), pk=pk)
    on = request.POST.get("on", "")
    if on not in ("0", "1"):
        return HttpResponse("Say on=1 or on=0.", status=400, content_type="text/plain")
    with transaction.atomic():
        Favourite.objects.put(user=request.user, clip_id=pk, on=on == "1")
        if pass_on(clip):
            ask_later()
    if not request.htmx:
        page = came_from(request)
        return redirect(f"{page.partition('#')[0]}#clip-{pk}" if page else "clip_list")
    (card,) = cards_of([pk], team=request.team.pk, user=request.user.pk)
    alone = request.GET.get("part") == "button"
    template = "review/_favourite.html" if alone else "review/_clip_card.html"
    response = render(request, template, {"card": card})
    mine = Favourite.objects.number_of(request.user, team=request.team, at_most=CAP + 1)
    response["HX-Trigger"] = json.dumps(announced(card, alone, mine))
    return response


def announced(card: Any, alone: bool, mine: int) -> dict[str, Any]:
    row = card.row
    part, target = ("?part=button", f"#favourite-{row.pk}") if alone else ("", f"#clip-{row.pk}")
    undo = {
        "url": f"{card.url}favourite/{part}",
        "target": target,
        "values": {"on": "0" if row.is_favourite else "1"},
    }
    words = "Added to your favourites" if row.is_favourite else "No longer a favourite of yours"
    state = {
        "url": f"{card.url}favourite/",
        "on": bool(row.is_favourite),
        "count": row.favourite_count,
        "mine": count(mine, CAP),
    }
    return {"clipboard:favourite": state, "clipboard:toast": {"text": words, "undo": undo}}
