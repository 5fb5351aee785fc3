"""A clip that still lies at its provider, watched in a real Chromium while its address runs out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.urls import reverse

from clipboard.clips.models import Clip, Download
from tests import factories
from tests.browser.playing import wait
from tests.processes import Watch
from tests.sandbox.previewing import (
    clips_there,
    make_order,
    make_recording,
    put_there,
    refreshes,
)

pytestmark = pytest.mark.django_db(transaction=True)
WATCH = """() => {
  window.seen = [];
  document.addEventListener("clipboard:time", ({ detail }) =>
    window.seen.push([performance.now() / 1000, detail.time]));
  document.querySelector("clip-player").play();
}"""


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    return make_recording(tmp_path_factory.mktemp("film") / "film.mp4", seconds=26).read_bytes()


@pytest.fixture
def clip(team, sandbox, clock, film):
    clip = clips_there(make_order(team, sandbox), clock)[0]
    put_there(sandbox, clip, film)
    return clip


@pytest.fixture
def show(sandbox, open_page, editor):
    """The page goes before the provider does, which it may still be asking."""

    def shown(clip):
        page = open_page(reverse("clip_detail", args=[clip.pk]), by=editor)
        wait(page, "player.current.video.readyState >= 3")
        return page

    return shown


def test_an_address_that_runs_out_meanwhile_is_not_noticed(show, clip, clock, sandbox):
    page = show(clip)
    address = page.evaluate("document.querySelector('video').currentSrc")
    asked = refreshes(sandbox)
    clock.skip(3601)

    watch = Watch()
    page.evaluate(WATCH)
    wait(page, "player.at > 5", seconds=30)
    seen = [row for row in page.evaluate("window.seen") if row[1] > 0.1]
    stalled = watch.stalled()
    watch = Watch()
    page.evaluate("document.querySelector('clip-player').seek(22)")
    wait(page, "player.at > 22.1")
    resumed, stalled_again = watch.took(), watch.stalled()
    after = [at for _, at in page.evaluate("window.seen") if at > 21]

    assert asked() == 1
    steps = [later[1] - earlier[1] for earlier, later in pairwise(seen)]
    waits = [later[0] - earlier[0] for earlier, later in pairwise(seen)]
    assert min(steps) > -0.1, "it never jumps back"
    ahead = [step - wait for step, wait in zip(steps, waits, strict=True)]
    assert max(ahead) < 0.5, "nor ahead"
    played = seen[-1][1] - seen[0][1]
    assert seen[-1][0] - seen[0][0] - played < 1 + stalled, "it never waited for a second"
    assert max(waits) < 1 + stalled
    assert resumed < 1.1
    assert after[0] < 23 + stalled_again, "it goes on where it was asked to"
    assert page.evaluate("document.querySelector('video').currentSrc") == address
    assert address.endswith(f"/clips/{clip.pk}/preview/")
    assert page.locator("[data-note]").is_hidden()


def test_one_that_stays_dead_goes_on_in_the_recording(show, clip, clock, sandbox, film, problems):
    problems.excuse("status of 503")
    clip.source.file = factories.make_file("sources/film.mp4", film)
    clip.source.save()
    Clip.objects.update(start=1.0, end=25.5)
    page = show(clip)
    asked = refreshes(sandbox, does={"status": 500})
    page.evaluate(WATCH)
    wait(page, "player.at > 1")
    clock.skip(3601)

    # Ten seconds ahead are here already.
    page.evaluate("document.querySelector('clip-player').seek(20)")
    watch = Watch()
    wait(page, "player.current.kind === 'source' && player.at > 20.1")

    assert watch.took() < 2
    at = page.evaluate("document.querySelector('clip-player').at")
    assert at < 22 + watch.stalled()
    assert asked() == 1
    assert page.evaluate("document.querySelector('video.is-current, video').currentTime") > 21
    assert page.locator("[data-note]").is_hidden()


def test_where_nothing_is_left_it_says_so_and_tries_again(show, clip, clock, sandbox, problems):
    problems.excuse("status of 503", "status of 404")
    clip.source.file = ""
    clip.source.save()
    page = show(clip)
    refreshes(sandbox, does={"status": 500})
    page.evaluate(WATCH)
    clock.skip(3601)

    page.evaluate("document.querySelector('clip-player').seek(20)")
    note = page.locator("[data-note]:not([hidden])")
    assert note.text_content() == (
        "ScaleReach does not give this clip now, and its recording is not here. "
        "Press play to try again."
    )

    refreshes(sandbox)
    Download.objects.update(refreshed_at=None)
    page.get_by_role("button", name="Play").first.click()
    wait(page, "player.wants && player.at > 20.1")
