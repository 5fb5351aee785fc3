"""The player in a real Chromium, over real files and real signed addresses."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clipboard.clips.models import Clip
from tests import factories
from tests.browser.playing import seek, state, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_plays_the_range_and_stops_at_its_end(show, clip, complaints):
    page = show(clip)
    assert state(page)["file"] == pytest.approx(10, abs=0.05)

    seek(page, 27.4)
    page.keyboard.press("Space")
    wait(page, "!player.wants")

    assert state(page)["at"] == pytest.approx(28, abs=0.15)
    assert state(page)["paused"]
    assert complaints == []


def test_it_crops_where_the_engine_said(show, clip):
    page = show(clip)
    seek(page, 1)
    left = float(state(page)["position"].partition("%")[0])
    seek(page, 5)
    right = float(state(page)["position"].partition("%")[0])

    # A 9:16 window of a 16:9 picture shows 0.316 of its width: (0.2 - 0.158) / (1 - 0.316).
    assert left == pytest.approx(6.1, abs=0.5)
    assert right == pytest.approx(93.9, abs=0.5)


def test_the_transcript_follows_and_seeks(show, clip):
    page = show(clip)
    page.get_by_text("asked.").click()
    wait(page, "Math.abs(player.at - 0.8) < 0.05")

    expect(page.locator("[data-transcript] [aria-current]")).to_have_text("asked.")
    page.get_by_text("Why?").click()
    expect(page.locator("[data-transcript] [aria-current]")).to_have_text("Why?")


def test_each_key_means_one_thing(show, clip):
    page = show(clip)
    for keys, field, expected in [
        (["."], "at", 5.04),
        ([","], "at", 4.96),
        (["ArrowRight"], "at", 7.0),
        (["ArrowLeft"], "at", 3.0),
        (["Home"], "at", 0.0),
        (["End"], "at", 27.96),
        (["Alt+ArrowRight"], "at", 5.0),
        (["Shift+>"], "speed", 1.25),
        (["Shift+<", "Shift+<"], "speed", 0.75),
        (["r"], "loop", True),
        (["r"], "loop", False),
        (["m"], "muted", True),
        (["c"], "track", "showing"),
        (["Space"], "wants", True),
        (["Space", "k"], "wants", True),
        (["k"], "wants", False),
        (["l", "l"], "rate", 2),
        (["k"], "rate", 0.75),
        (["j", "j"], "shuttle", -2),
        (["k"], "shuttle", 0),
    ]:
        if field == "at":
            seek(page, 5)
        for key in keys:
            page.keyboard.press(key)
        value = state(page)[field]
        if isinstance(expected, float):
            expected = pytest.approx(expected, abs=0.01)
        assert value == expected, keys


def test_backwards_goes_backwards(show, clip):
    page = show(clip)
    seek(page, 20)
    page.keyboard.press("j")
    wait(page, "player.at < 19")
    page.keyboard.press("k")

    assert state(page)["shuttle"] == 0
    assert 3 < state(page)["at"] < 19


def test_keys_are_left_alone_where_people_type(show, clip):
    page = show(clip)
    seek(page, 5)
    page.select_option(".share__form select", "date")
    page.focus(".share__date input")
    for key in ("ArrowRight", ".", "r", "m", "Space"):
        page.keyboard.press(key)
    now = state(page)

    assert (now["at"], now["loop"], now["muted"], now["wants"]) == (5, False, False, False)


def test_holding_a_key_looks_past_the_cut(show, clip):
    page = show(clip)
    seek(page, 8)
    page.keyboard.down("[")
    page.wait_for_selector("clip-video.is-peek")
    wait(page, "player.querySelector('.is-peek').video.currentTime > 5.2")
    during = page.evaluate("document.querySelector('.is-peek').video.currentTime")
    label = page.text_content("[data-label]")
    page.keyboard.up("[")

    assert 5 < during < 10
    assert label == "5 s before the clip"
    expect(page.locator("clip-video")).to_have_count(1)
    assert state(page)["at"] == pytest.approx(8, abs=0.05)


def test_letting_go_of_a_held_button_plays_on(show, clip):
    page = show(clip)
    page.keyboard.press("Space")
    wait(page, "player.at > 0.3")
    button = page.get_by_role("button", name="5 s after")
    box = button.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    wait(page, "player.querySelector('.is-peek')?.video.currentTime >= 38")
    page.mouse.up()

    expect(page.locator("clip-video")).to_have_count(1)
    assert state(page)["wants"]
    assert state(page)["at"] < 10


REFUSED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("nothing may be kept", "SecurityError"); },
});"""
HASTY = """const later = window.setTimeout;
window.setTimeout = (does, pause) => later(does, Math.min(pause, 100));"""


def test_a_guest_sees_the_clip_once_it_is_made_though_nothing_may_be_kept(
    open_page, clip, recording
):
    page = open_page(None)
    page.add_init_script(REFUSED)
    page.add_init_script(HASTY)
    page.goto(reverse("share_page", args=[factories.make_share_link(clip=clip).token]))
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    for _ in range(2):
        with page.expect_response("**/s/**"):
            pass
    assert page.get_by_text("is being made").is_visible()
    assert loads == [], "nobody is read the page from its start again for nothing"

    Clip.objects.update(status="completed", file=factories.make_file("clips/a.mp4", recording))
    page.locator("clip-player").wait_for()
    wait(page, "player.current.video.readyState >= 3")
