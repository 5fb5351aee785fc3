"""The main job, whole, in the real product: a recording in, clips out, one shared."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import watch
from tests.browser.patience import PATIENCE, WORK
from tests.running import running_product

SAMPLE = Path(__file__).parents[2] / "clipboard/clips/sample/two-cities.mp4"
DROP = """([bytes, name]) => {
    const data = Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([data], name, {type: "video/mp4"}));
    for (const type of ["dragenter", "dragover", "drop"])
        document.querySelector(".intake").dispatchEvent(
            new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer}));
}"""
PLAYED = "video => video.currentTime"
MINUTE = 60_000
# The first clips are shown while the engine still looks for better ones.
ALL_FOUND = "SELECT 1 FROM clips_job WHERE state = 'succeeded' OR stage = 'rendering'"


@pytest.fixture(scope="module")
def product(tmp_path_factory, prepared):
    folder, small = tmp_path_factory.mktemp("product"), {"PREVIEW_HEIGHT": "240"}
    with running_product(folder, prepared=prepared, env=small) as running:
        yield running


@pytest.fixture
def visitor(browser, product, problems):
    """A clean browser profile each time it is called."""
    contexts = []

    def enter():
        context = browser.new_context(base_url=product.base_url, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(WORK)  # while the engine has the processors
        watch(page, problems)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def recording(tmp_path):
    """A third of the sample: somebody speaks, so the engine has something to choose."""
    file = tmp_path / "Evening reading.mp4"
    cut = ["-v", "error", "-i", SAMPLE, "-t", "20", "-c", "copy", file]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *cut], check=True)
    return file


@pytest.mark.timeout(300)
def test_it_turns_a_dropped_recording_into_a_shared_clip(product, visitor, recording):
    editor = visitor()
    editor.goto(product.fresh_login_link())
    editor.get_by_role("button", name="Sign in").click()

    # Upload by drag and drop.
    editor.evaluate(DROP, [base64.b64encode(recording.read_bytes()).decode(), recording.name])
    expect(editor.get_by_text("Evening reading").first).to_be_visible()
    clips = editor.get_by_role("link", name=re.compile(r"^\d+ clips?$")).first
    expect(clips).to_be_visible(timeout=3 * MINUTE)
    product.wait_until(lambda: product.rows(ALL_FOUND), "the engine to have looked at all of it")
    clips.click()

    # Filter by score, favourite.
    cards = editor.locator("#clip-grid article")
    expect(cards.first).to_be_visible()
    before = cards.count()
    editor.goto(editor.url + "&min_score=100")
    expect(editor.locator("#clip-grid article")).to_have_count(0)
    editor.go_back()
    expect(cards).to_have_count(before)
    heart = cards.first.get_by_role("button", name=re.compile("favourite", re.IGNORECASE))
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    editor.goto("/clips/?favourited=1")
    expect(cards).to_have_count(1)

    # Open it beside the grid and seek in the preview.
    cards.first.get_by_role("heading").get_by_role("link").click()
    expect(editor).to_have_url(re.compile(r"/clips/\d+/"))
    panel = editor.locator("#clip-panel")
    video = panel.locator("video").first
    panel.get_by_role("button", name=re.compile("^Play")).first.click()
    wait(editor, "#clip-panel video", "video.currentTime > 0")
    start = video.evaluate(PLAYED)
    video.evaluate("video => { video.currentTime += 3 }")
    wait(editor, "#clip-panel video", f"!video.seeking && video.currentTime >= {start} + 3")

    # Share it, and open the link as somebody else.
    panel.get_by_role("button", name="Make a link").click()
    address = panel.locator("input[value*='/s/']").first.input_value()
    editor.close()
    guest = visitor()
    guest.goto(address)
    assert "/s/" in guest.url
    expect(guest.locator("video")).to_be_visible()
    guest.locator("video").evaluate("video => { video.muted = true; return video.play() }")
    wait(guest, "video", "video.currentTime > 0")
    guest.locator("video").evaluate("video => { video.currentTime = 5 }")
    wait(guest, "video", "!video.seeking && video.currentTime >= 5")


def wait(page, selector, condition):
    """Asks less often than for every picture, since each costs."""
    holds = f"() => {{ const video = document.querySelector({selector!r}); return {condition} }}"
    page.wait_for_function(holds, polling=200)
