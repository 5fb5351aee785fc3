"""A clip of a real file, and its player in a real Chromium: fixtures, and what is asked of them."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import pytest
from django.urls import reverse

from tests import factories
from tests.browser.patience import PATIENCE
from tests.prepared import once

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
    return (once(tmp_path_factory, "playing", record) / "recording.mp4").read_bytes()


def record(folder):
    make = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error",
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=40",
        "-f", "lavfi", "-i", "sine=f=300:d=40",
        "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "nal-hrd=cbr",  # filled up
        "-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "1M", "-g", "25",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart",
        str(folder / "recording.mp4"),
    ]  # fmt: skip
    subprocess.run(make, check=True)


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
        page.set_default_timeout(PATIENCE)
        page.goto(live_server.url + reverse("clip_detail", args=[clip.pk]))
        wait(page, "player.current.video.readyState >= 3")
        return page

    return show


def state(page):
    return page.evaluate(STATE)


def wait(page, condition, *, seconds=PATIENCE / 1000):
    """Asks less often than for every picture, since each costs."""
    page.wait_for_function(
        f"() => {{ const player = document.querySelector('clip-player'); return {condition}; }}",
        timeout=seconds * 1000,
        polling=50,
    )


def seek(page, seconds):
    page.evaluate("seconds => document.querySelector('clip-player').seek(seconds)", seconds)
    wait(page, "!player.current.video.seeking && player.current.video.readyState >= 3")


def asked(page, part):
    """Addresses with `part` in them, as they are asked for from now on."""
    found = []
    page.on("request", lambda request: found.append(request.url) if part in request.url else None)
    return found
