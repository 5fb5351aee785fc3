"""The player in a real Chromium, over real files and real signed addresses."""

from __future__ import annotations

import subprocess
from itertools import pairwise

import imageio_ffmpeg
import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = [[10.2, 10.6, "Nobody"], [10.8, 11.2, "asked."], [12.5, 13.0, "Why?"]]
STATE = """() => {
  const player = document.querySelector("clip-player");
  const { video } = player.current;
  return {
    at: player.at, wants: player.wants, speed: player.speed, rate: video.playbackRate,
    shuttle: player.shuttleStep, loop: player.looping, muted: video.muted, paused: video.paused,
    position: video.style.objectPosition, ready: video.readyState, seeking: video.seeking,
    note: document.querySelector("[data-note]").textContent,
    videos: document.querySelectorAll("video").length,
    track: player.current.track?.track.mode, file: video.currentTime,
  };
}"""


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """40 s in which no second looks like another, too large to be loaded at once."""
    file = tmp_path_factory.mktemp("recording") / "recording.mp4"
    make = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error",
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=40,noise=alls=30:allf=t",
        "-f", "lavfi", "-i", "sine=f=300:d=40",
        "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-minrate", "2M", "-g", "25",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(file),
    ]  # fmt: skip
    subprocess.run(make, check=True, timeout=100)
    return file.read_bytes()


@pytest.fixture
def clip(team, recording):
    name = factories.make_file("sources/a.mp4", recording)
    source = factories.make_source(
        team=team, file=name, duration=40.0, width=320, height=180, fps=25
    )
    job = factories.make_job(team=team, source=source)
    crop = [[0, 0.2], [4, 0.8]]
    return factories.make_clip(
        team=team, job=job, start=10.0, end=38.0, status="detected", words=WORDS, crop=crop
    )


@pytest.fixture
def complaints(page):
    """What the browser says against the page: refused scripts, failed loads, exceptions."""
    found = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def show(page, live_server, client, editor):
    client.force_login(editor, backend="clipboard.teams.backend.MemberBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([cookie | {"url": live_server.url}])

    def show(clip):
        page.goto(live_server.url + reverse("clip_detail", args=[clip.pk]))
        wait(page, "player.current.video.readyState >= 3")
        return page

    return show


def state(page):
    return page.evaluate(STATE)


def wait(page, condition, *, seconds=15):
    page.wait_for_function(
        f"() => {{ const player = document.querySelector('clip-player'); return {condition}; }}",
        timeout=seconds * 1000,
    )


def seek(page, seconds):
    page.evaluate("seconds => document.querySelector('clip-player').seek(seconds)", seconds)
    wait(page, "!player.current.video.seeking && player.current.video.readyState >= 3")


def asked(page, part):
    """Addresses with `part` in them, as they are asked for from now on."""
    found = []
    page.on("request", lambda request: found.append(request.url) if part in request.url else None)
    return found


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

    assert page.locator("[data-transcript] [aria-current]").text_content() == "asked."
    page.get_by_text("Why?").click()
    assert page.locator("[data-transcript] [aria-current]").text_content() == "Why?"


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
    seek(page, 6)
    page.keyboard.press("j")
    wait(page, "player.at < 5")
    page.keyboard.press("k")

    assert state(page)["shuttle"] == 0
    assert 3 < state(page)["at"] < 5


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
    assert page.locator("clip-video").count() == 1
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

    assert page.locator("clip-video").count() == 1
    assert state(page)["wants"]
    assert state(page)["at"] < 10


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
