"""The least that could show a page of cards: one statement along the best index, the same card
template, the same compression; no session, no access, no counts, no filters to read."""

from __future__ import annotations

from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.gzip import gzip_page

from clipboard.review.cards import card_of
from clipboard.review.pages import COLUMNS, PAGE, WIDTH

CARDS = """{% from "review/_card.html" import clip_card %}
{% for card in cards %}{{ clip_card(card) }}{% endfor %}"""
REST = f"""
    CROSS JOIN clips_source AS s
    LEFT JOIN review_favourite AS mine ON mine.clip_id = c.id AND mine.user_id = 1
    WHERE {{where}} AND s.id = c.source_id ORDER BY {{order}} LIMIT {PAGE + 1}
"""
FAVOURITES = (
    f"SELECT {COLUMNS} FROM review_favourite AS f CROSS JOIN clips_clip AS c"
    + REST.format(
        where="f.user_id = 1 AND f.team_id = 1 AND f.status = 'completed' AND {after}"
        " AND c.id = f.clip_id",
        order="f.score DESC, f.clip_id DESC",
    )
)
COMPLETED = f"SELECT {COLUMNS} FROM clips_clip AS c INDEXED BY clip_by_status_score" + REST.format(
    where="c.team_id = 1 AND c.status = 'completed' AND {after}",
    order="c.score DESC, c.id DESC",
)


def favourites(request):
    score = request.GET.get("score")
    if score:
        return answer(FAVOURITES.replace("{after}", "f.score >= 80 AND f.score < %s"), [score])
    return answer(FAVOURITES.replace("{after}", "f.score >= 80"), [])


def completed(request):
    return answer(COMPLETED.replace("{after}", "c.score < %s"), [request.GET.get("score", 101)])


@gzip_page
def compressed(request, view):
    return view(request)


def answer(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    cards = [card_of(row[:WIDTH]) for row in rows[:PAGE]]
    return HttpResponse(template().render({"cards": cards}))


def template(found={}):  # noqa: B006 (kept between requests)
    if not found:
        found["cards"] = engines["jinja2"].from_string(CARDS)
    return found["cards"]


urlpatterns = [
    path("favourites/", compressed, {"view": favourites}),
    path("completed/", compressed, {"view": completed}),
    path("clips/", compressed, {"view": completed}, name="clip_list"),  # cards link below it
]
