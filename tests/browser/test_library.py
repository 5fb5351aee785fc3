"""A provider's own store, kept in order from the keyboard."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_axe import assert_accessible
from tests.clips.at_sandbox import account_at

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_filled_sorted_and_cleared_from_the_keyboard(sandbox, open_page, clock, team, editor):
    editor.memberships.update(role="owner")
    reka = account_at(sandbox, team)
    page = open_page(reverse("library_detail", args=[reka.pk]), by=editor)
    page.get_by_text("Nothing at Reka yet").wait_for()
    assert_accessible(page, "an empty library")

    page.get_by_label("Name", exact=True).fill("Talks")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Talks").wait_for()
    page.get_by_label("Link to a video file").fill("https://me.example/sea.mp4")
    page.keyboard.press("Enter")
    tick = page.get_by_role("checkbox", name="sea.mp4")
    tick.wait_for()
    clock.skip(5)
    tick.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Move").press("Enter")
    page.get_by_text("1 video moved to “Talks”.").wait_for()
    assert_accessible(page, "a library")

    page.get_by_role("link", name="Talks").press("Enter")
    page.get_by_label("Name of this group").wait_for()
    tick.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Delete what is ticked").press("Enter")
    expect(page.get_by_role("link", name="Keep")).to_be_focused()
    assert_accessible(page, "a question before deleting")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("1 video deleted at Reka.").wait_for()
    expect(page.get_by_text("Nothing in this group")).to_be_visible()
