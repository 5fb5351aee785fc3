"""Looking through a recording by moving the pointer over its picture."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_pictures_are_scrubbed_on_hover(open_page, editor, team):
    source = factories.make_source(
        team=team,
        filmstrip="sources/strip.webp",
        strip={
            "columns": 2, "rows": 1, "count": 2,
            "tile_width": 160, "tile_height": 90, "interval": 60,
        },
    )  # fmt: skip
    page = open_page(None, by=editor)
    pixel = "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="90"/>'
    page.route("**/strip.webp*", lambda route: route.fulfill(content_type=pixel[0], body=pixel[1]))
    page.goto("/sources/")
    picture = page.locator(f"#source-{source.pk} .source__picture")
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    expect(picture.locator(".filmstrip")).to_have_count(1)
    expect(picture.locator(".filmstrip")).to_have_css("background-position", re.compile("^0%"))
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + 10)
    expect(picture.locator(".filmstrip")).to_have_css("background-position", re.compile("^100%"))
    page.mouse.move(0, 0)

    expect(picture.locator(".filmstrip")).to_have_count(0)
