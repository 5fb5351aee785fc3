"""The clip grid."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap

from clipboard.review.filters import read_filters
from clipboard.review.grid import Grid, cards_of, open_grid
from clipboard.review.news import news
from clipboard.review.pages import PAGE
from clipboard.review.panel import FilterPanel, drops


# Compressed although it repeats what was searched for: an attacker's page cannot send our cookies
# along (SameSite), the CSRF token is masked anew in each answer, and the length is padded.
@require_safe
@vary_on_headers("HX-Request")
@gzip_page
def clip_list(request: Any) -> HttpResponse:
    filters = read_filters(request.GET)
    grid = open_grid(filters, team=request.team.pk, user=request.user.pk)
    context: dict[str, Any] = {
        "grid": grid,
        "filters": grid.filters,
        "clips_url": request.path,
    }
    if not (request.htmx and filters.after):
        context["drops"] = drops(grid.filters, grid.census.source_title)
    if not request.htmx:
        context["panel"] = FilterPanel(grid)
        return render(request, "review/clip_list.html", context)
    if filters.after:
        return render(request, "review/_clip_page.html", context)
    return filtered(request, grid, context)


@require_safe
@gzip_page
def clip_progress(request: Any) -> HttpResponse:
    """The cards of clips that were being rendered (`id`), and of those that waited for it (`waits`)
    and wait no longer, asked for by the page that shows them."""
    asked, waited = numbers(request, "id"), set(numbers(request, "waits"))
    known = [*asked, *waited]
    cards = cards_of(known, team=request.team.pk, user=request.user.pk) if known else []
    states = {card.row.pk: card.row.status for card in cards}
    waiting = [pk for pk in waited if states.get(pk) == "detected"]
    context = {
        "cards": [card for card in cards if card.row.pk not in waiting],
        "busy": [pk for pk, state in states.items() if state == "generating"],
        "waiting": waiting,
    }
    return render(request, "review/_clip_progress.html", context)


@require_safe
@gzip_page
def clip_news(request: Any) -> HttpResponse:
    """How many clips came that belong into the grid of this address but are not in it (`since`),
    with the counts of the filter bar; nothing where the page says all of that already (`known`,
    `counts`). A grid without clips (`none`) takes them in by itself, and so does the page of a team
    that had none at all (`first`)."""
    filters, since = read_filters(request.GET), numbers(request, "since")
    came = news(filters, since=max(since, default=0), team=request.team.pk, user=request.user.pk)
    panel = FilterPanel(came)
    is_news = came.total > max(numbers(request, "known"), default=0)
    if not is_news and request.GET.get("counts", panel.mark) == panel.mark:
        return HttpResponse(status=204)
    if "first" in request.GET:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {
        "came": came,
        "is_news": is_news,
        "panel": panel,
        "filters": filters,
        "clips_url": reverse("clip_list"),
        "at_once": "none" in request.GET,
    }
    response = render(request, "review/_clip_news.html", context)
    # Said here since the grid that asks has to fit into few bytes.
    return reswap(response, "innerHTML" if is_news else "none")


def numbers(request: Any, name: str) -> list[int]:
    asked = [int(pk) for pk in request.GET.getlist(name) if pk.isascii() and pk.isdigit()]
    return [pk for pk in asked if pk < 2**63][: 4 * PAGE]


def filtered(request: Any, grid: Grid, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "review/_clip_grid.html", context)
    if request.htmx.trigger == "clip-news-in":  # the address is that of the grid already
        return response
    response["HX-Push-Url"] = request.path + grid.filters.query()
    return response
