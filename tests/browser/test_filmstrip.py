"""Looking through a recording by moving the pointer over its picture."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


STRIP = {
    "columns": 2, "rows": 1, "count": 2, "tile_width": 160, "tile_height": 90, "interval": 60,
}  # fmt: skip


@pytest.fixture
def open_pictures(open_page, editor):
    def open_one(path):
        page = open_page(None, by=editor)
        drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="90"/>'
        page.route(
            "**/strip.webp*",
            lambda route: route.fulfill(content_type="image/svg+xml", body=drawn),
        )
        page.goto(path)
        return page

    return open_one


def test_the_pictures_are_scrubbed_on_hover(open_pictures, team):
    source = factories.make_source(team=team, filmstrip="sources/strip.webp", strip=STRIP)
    page = open_pictures("/sources/")
    scrub(page, page.locator(f"#source-{source.pk} .source__picture"))


def test_the_first_hover_over_a_clip_is_not_lost(open_pictures, team):
    """Although it is what has the behaviour fetched."""
    clip = factories.make_clip(team=team, filmstrip="clips/strip.webp", strip=STRIP)
    page = open_pictures("/clips/")
    scrub(page, page.locator(f"#clip-{clip.pk} .clip-card__frame"))


def scrub(page, picture):
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    expect(picture.locator(".filmstrip")).to_have_count(1)
    expect(picture.locator(".filmstrip")).to_have_css("background-position", re.compile("^0%"))
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + 10)
    expect(picture.locator(".filmstrip")).to_have_css("background-position", re.compile("^100%"))
    page.mouse.move(0, 0)

    expect(picture.locator(".filmstrip")).to_have_count(0)
