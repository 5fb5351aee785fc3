"""The player over time: addresses that run out, lines that break, clips that follow each other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.browser.playing import asked, seek, state, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_plays_on_over_the_end_of_its_address(show, clip, settings, complaints):
    settings.MEDIA_URL_SECONDS = 12  # the player asks anew half-way, with seconds to spare
    page = show(clip)
    renewals = asked(page, f"/clips/{clip.pk}/media/")
    page.evaluate(
        """() => {
          window.seen = [];
          document.addEventListener("clipboard:time", ({ target, detail }) => window.seen.push(
            [performance.now() / 1000, detail.time, target.current.video.readyState]));
        }"""
    )
    page.keyboard.press("Space")
    wait(page, "player.at > 13", seconds=60)
    seen = [row for row in page.evaluate("window.seen") if row[1] > 0.5]
    steps = [later[1] - earlier[1] for earlier, later in pairwise(seen)]
    waits = [later[0] - earlier[0] for earlier, later in pairwise(seen)]

    least_seconds = 12 * 0.75 / 2 - 1  # an address lives for at least three quarters of that
    assert 1 <= len(renewals) <= 1 + (seen[-1][0] - seen[0][0]) / least_seconds
    assert min(steps) > -0.1, "it never jumps back"
    ahead = [step - wait for step, wait in zip(steps, waits, strict=True)]
    assert max(ahead) < 0.5, "it never jumps ahead"
    assert all(ready >= 2 for _, _, ready in seen), "there is always a picture"
    assert state(page)["note"] == ""
    assert state(page)["videos"] <= 2
    assert complaints == []


def test_it_rescues_itself_once_where_the_line_breaks(show, clip):
    page = show(clip)
    renewals = asked(page, f"/clips/{clip.pk}/media/")
    old = page.evaluate("document.querySelector('clip-player').current.video.currentSrc")
    refused = asked(page, old)
    page.route(
        lambda address: address == old,
        lambda route: route.fulfill(status=403, body="It has run out."),
        times=1,
    )
    with page.expect_request(f"**/clips/{clip.pk}/media/"):
        page.evaluate("document.querySelector('clip-player').seek(24)")
    wait(page, "!player.broken && !player.renewing && player.current.video.readyState >= 3")

    assert refused
    assert state(page)["at"] == pytest.approx(24, abs=0.1)
    assert state(page)["note"] == ""
    assert len(renewals) == 1


def test_a_lasting_failure_is_one_sentence_and_no_flood(show, clip):
    page = show(clip)
    requests = asked(page, "/media/")
    page.route("**/media/**", lambda route: route.fulfill(status=403, body="no"))
    page.keyboard.press("Space")
    page.evaluate("document.querySelector('clip-player').seek(26)")
    page.wait_for_selector("[data-note]:not([hidden])")
    page.wait_for_timeout(1500)

    assert "Press play to try again" in state(page)["note"]
    assert not state(page)["wants"]
    assert len(requests) < 12

    page.unroute("**/media/**")
    page.keyboard.press("Space")
    wait(page, "player.wants && player.at > 26.3")
    assert state(page)["note"] == ""


def test_next_next_next_leaves_one_video(show, clip, team):
    others = [
        factories.make_clip(team=team, job=clip.job, start=10.0 + n, end=30.0, status="detected")
        for n in range(8)
    ]
    page = show(clip)
    page.evaluate(
        """async addresses => {
          window.old = new Set([document.querySelector("video")]);
          for (const address of addresses) {
            await htmx.ajax("GET", address, { target: "#clip-panel-body", swap: "outerHTML" });
            window.old.add(document.querySelector("video"));
            document.querySelector("clip-player").play();
            await new Promise((go) => setTimeout(go, 30));
          }
        }""",
        [reverse("clip_detail", args=[other.pk]) for other in others],
    )
    wait(page, "player.at > 0.2")
    left = page.evaluate(
        """[...window.old].filter(
          (video) => !video.paused || video.networkState !== 0 || video.isConnected).length"""
    )

    assert state(page)["videos"] == 1
    assert left == 1


def test_a_guest_plays_a_shared_clip_until_it_is_revoked(
    page, live_server, clip, complaints, editor
):
    clip.file, clip.status = clip.source.file.name, "completed"
    clip.save()
    link = factories.make_share_link(clip=clip)
    page.goto(live_server.url + reverse("share_page", args=[link.token]))
    wait(page, "player.current.video.readyState >= 3")
    page.keyboard.press("Space")
    wait(page, "player.at > 0.5")
    seek(page, 20)
    assert state(page)["at"] > 19
    assert complaints == []
    assert page.context.cookies()[0]["name"] == "visit"

    link.revoke(by=editor, at=timezone.now())
    page.evaluate("document.querySelector('clip-player').seek(2)")
    page.reload()

    assert "There is nothing here" in page.text_content("main")
