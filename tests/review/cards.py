"""What the tests of the grid share: they read its cards, and scroll past all of them."""

from __future__ import annotations

import re

CARD = re.compile(r'<article class="clip-card[^"]*" id="clip-(\d+)"')
MORE = re.compile(r'<a class="clip-more" href="([^"]+)"')
HTMX = {"HX-Request": "true"}


def shown(response):
    return [int(pk) for pk in CARD.findall(response.content.decode())]


def next_page(response):
    found = MORE.search(response.content.decode())
    return found and found[1].replace("&amp;", "&")


def walk(client, address):
    """Every clip in the order in which one scrolls past them."""
    seen = []
    while address:
        response = client.get(address, headers=HTMX)
        assert response.status_code == 200
        seen += shown(response)
        address = next_page(response)
        assert len(seen) < 1000
    return seen
